using System.Buffers.Binary;

namespace Stasis.UnitTests.RuntimeCommand.Seccomp;

/// <summary>Runs a seccomp filter on a call, as the kernel does (kernel/bpf; linux/seccomp.h: struct seccomp_data).</summary>
internal static class BpfMachine
{
    private const int InstructionSize = 8;

    public static uint Run(ReadOnlySpan<byte> filter, uint architecture, uint number, ReadOnlySpan<ulong> arguments)
    {
        var data = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4), architecture);
        for (var i = 0; i < arguments.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(16 + (8 * i)), arguments[i]);
        var accumulator = 0u;
        for (var at = 0; ; at++)
        {
            var one = filter.Slice(at * InstructionSize, InstructionSize);
            var value = BinaryPrimitives.ReadUInt32LittleEndian(one[4..]);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(one))
            {
                case 0x20:
                    accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)value));
                    break;
                case 0x05:
                    at += (int)value;
                    break;
                case 0x15:
                    at += accumulator == value ? one[2] : one[3];
                    break;
                case 0x25:
                    at += accumulator > value ? one[2] : one[3];
                    break;
                case 0x35:
                    at += accumulator >= value ? one[2] : one[3];
                    break;
                case 0x54:
                    accumulator &= value;
                    break;
                case 0x06:
                    return value;
                default:
                    throw new InvalidDataException($"unknown instruction {BinaryPrimitives.ReadUInt16LittleEndian(one):x}");
            }
        }
    }
}
