using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Requires that terminals are the container's own pseudo-terminals, or the one that conmon holds. Consoles
/// and serial lines of the host are devices.
/// </summary>
internal static class TerminalImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-tty",
        Finds = "the host's terminals",
    };

    private const uint Unix98 = 1, Current = 4, External = 5; // enum TtyType: PTY, CTTY, EXT_TTY
    private const uint LastType = 6;
    private const uint OfProcess = 0x500, Multiplexer = 0x502; // /dev/tty and /dev/ptmx: 5:0 and 5:2
    private const uint HighestIndex = 1 << 20; // NR_UNIX98_PTY_MAX

    public static void Check(ImageVerification verification)
    {
        var ids = new HashSet<uint>();
        var file = ImageKind.Get("tty-info").TheFile;
        foreach (var terminal in verification.Images.Read(file))
        {
            var where = $"{verification.Images.Where(file)}[{ids.Count}]";
            if (!ids.Add(terminal.U32("id")))
                verification.Refuse(Rule, $"{where}: id", Text(terminal.U32("id")), "two terminals have one ID");
            var device = terminal.U32("rdev");
            switch (terminal.U32("type"))
            {
                // CRIU goes by the number, not by the type (criu/tty.c: get_tty_driver).
                case Unix98 when Major(device) is >= 128 and <= 143 || device == Multiplexer:
                case Current when device == OfProcess:
                    break;
                case External when verification.Allowed.Spec.Process?.Terminal == true:
                    break;
                case var type when type > LastType || !verification.Allowed.Devices.Has('c', Major(device), device & 0xff):
                    verification.Refuse(
                        Rule,
                        $"{where}: type",
                        Text(type),
                        "a terminal of the machine's, which the spec doesn't give the container");
                    break;
            }
            if (terminal.Child("pty")?.U32("index") is > HighestIndex and { } index)
                verification.Refuse(Rule, $"{where}: pty.index", Text(index), "there is no such terminal");
            foreach (var field in (string[])["sid", "pgrp"])
            {
                if (terminal.U32(field) is var id and not 0 && id > 1 << 22)
                    verification.Refuse(Rule, $"{where}: {field}", Text(id), "an ID that no process can have");
            }
            foreach (var field in (string[])["termios", "termios_locked"])
            {
                // CRIU copies as many control characters as the kernel has.
                if (terminal.Child(field) is { } settings && settings.Numbers("c_cc").Take(33).Count() is var count and (> 32 or < 19))
                    verification.Refuse(
                        Rule,
                        $"{where}: {field}.c_cc",
                        Text((uint)count),
                        "a number of control characters that no terminal has");
            }
        }
        CheckFiles(verification, ids);
    }

    private static void CheckFiles(ImageVerification verification, HashSet<uint> terminals)
    {
        var file = ImageKind.Get("files").TheFile;
        foreach (var open in verification.Images.Read(file))
        {
            if (open.Child("tty") is { } terminal && !terminals.Contains(terminal.U32("tty_info_id")))
                verification.Refuse(
                    Rule,
                    $"{verification.Images.Where(file)}: tty.tty_info_id",
                    Text(terminal.U32("tty_info_id")),
                    "a terminal that is not there");
        }
        var data = ImageKind.Get("tty-data").TheFile;
        foreach (var text in verification.Images.Read(data))
        {
            if (!terminals.Contains(text.U32("tty_id")))
                verification.Refuse(
                    Rule,
                    $"{verification.Images.Where(data)}: tty_id",
                    Text(text.U32("tty_id")),
                    "a terminal that is not there");
        }
    }

    private static uint Major(uint device) => (device >> 8) & 0xfff;

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck Terminal = Add(new(190, TerminalImageRule.Check, TerminalImageRule.Rule));
}
