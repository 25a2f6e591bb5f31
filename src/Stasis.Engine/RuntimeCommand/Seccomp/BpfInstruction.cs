using System.Buffers.Binary;

namespace Stasis.Engine.RuntimeCommand.Seccomp;

/// <summary>An instruction of a seccomp filter in classic BPF (linux/filter.h: struct sock_filter).</summary>
/// <param name="Code">The operation.</param>
/// <param name="IfTrue">How many instructions a comparison skips if it holds.</param>
/// <param name="IfFalse">How many it skips if it doesn't hold.</param>
/// <param name="Value">The operand.</param>
internal readonly record struct BpfInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Value)
{
    // BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JA, BPF_JMP|BPF_J…|BPF_K, BPF_ALU|BPF_AND|BPF_K, BPF_RET|BPF_K.
    private const ushort LoadWord = 0x20, Jump = 0x05, JumpEqual = 0x15, JumpGreater = 0x25, JumpGreaterOrEqual = 0x35;
    private const ushort AndConstant = 0x54, ReturnConstant = 0x06;

    /// <summary>Bytes of an instruction.</summary>
    public const int Size = 8;

    /// <summary>Loads a word of struct seccomp_data.</summary>
    public static BpfInstruction Load(uint offset) => new(LoadWord, 0, 0, offset);

    public static BpfInstruction And(uint mask) => new(AndConstant, 0, 0, mask);

    public static BpfInstruction Return(uint action) => new(ReturnConstant, 0, 0, action);

    public static BpfInstruction Skip(int count) => new(Jump, 0, 0, (uint)count);

    public static BpfInstruction Equal(uint value, int ifTrue, int ifFalse) =>
        new(JumpEqual, checked((byte)ifTrue), checked((byte)ifFalse), value);

    public static BpfInstruction Greater(uint value, int ifTrue, int ifFalse) =>
        new(JumpGreater, checked((byte)ifTrue), checked((byte)ifFalse), value);

    public static BpfInstruction GreaterOrEqual(uint value, int ifTrue, int ifFalse) =>
        new(JumpGreaterOrEqual, checked((byte)ifTrue), checked((byte)ifFalse), value);

    /// <summary>The bytes of a program.</summary>
    public static byte[] Encode(IReadOnlyList<BpfInstruction> program)
    {
        var bytes = new byte[program.Count * Size];
        for (var i = 0; i < program.Count; i++)
        {
            var one = bytes.AsSpan(i * Size, Size);
            BinaryPrimitives.WriteUInt16LittleEndian(one, program[i].Code);
            (one[2], one[3]) = (program[i].IfTrue, program[i].IfFalse);
            BinaryPrimitives.WriteUInt32LittleEndian(one[4..], program[i].Value);
        }
        return bytes;
    }
}
