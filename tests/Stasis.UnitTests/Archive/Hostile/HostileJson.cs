using System.Text;

namespace Stasis.UnitTests.Archive.Hostile;

/// <summary>JSON that is none, or means different things to different readers.</summary>
internal static class HostileJson
{
    public static IEnumerable<Hostile> All =>
    [
        Config("nothing", "", "entry config.dump: it is empty"),
        Config("text", "hello", "entry config.dump: it is not of the expected form"),
        Config("cut", "{\"a\": [1, 2", "entry config.dump: it is not of the expected form"),
        Config("a thousand levels", new string('[', 1000) + new string(']', 1000), "The maximum configured depth of 32 has been exceeded"),
        Config(
            "a million levels",
            string.Concat(Enumerable.Repeat("{\"a\":", 1_000_000)),
            "The maximum configured depth of 32 has been exceeded"),
        Config(
            "a name twice", "{\"id\": \"a\", \"name\": \"b\", \"id\": \"c\"}", "entry config.dump: the name id is there twice (byte 25)"),
        Config("a name twice, once escaped", "{\"id\": \"a\", \"\\u0069d\": \"c\"}", "entry config.dump: the name id is there twice"),
        Config("a name twice, deeper", "{\"a\": [{\"b\": 1}, {\"b\": 1, \"b\": 2}]}", "entry config.dump: the name b is there twice"),
        Config("something behind it", "{} {}", "'{' is invalid after a single JSON value"),
        Config("a comment", "{} // no", "entry config.dump: it is not of the expected form"),
        Config("a comma too many", "{\"a\": 1,}", "entry config.dump: it is not of the expected form"),
        Config("not a number", "{\"a\": NaN}", "entry config.dump: it is not of the expected form"),
        Config("single quotes", "{'a': 1}", "entry config.dump: it is not of the expected form"),
        Config("half a surrogate", "{\"a\": \"\\ud800\"}", "entry config.dump: it is not of the expected form"),
        Config("a byte order mark", "\u00ef\u00bb\u00bf{}", "entry config.dump: it is not of the expected form"),
        Config("not UTF-8", "{\"a\": \"\u00ff\"}", "entry config.dump: it is not of the expected form"),
        Config("control characters", "{\"a\": \"\u001b[2J\"}", "entry config.dump: it is not of the expected form"),
        new(
            "json",
            "spec.dump",
            new RawTar().Add("config.dump", "{}").Add("spec.dump", "[").End(),
            "entry spec.dump: it is not of the expected form"),
        new(
            "json",
            "network.status",
            RawTar.Begun.Add("network.status", "{\"a\":1,\"a\":2}").End(),
            "entry network.status: the name a is there twice"),
        Deleted("an object", "{}", "entry deleted.files: it is not of the expected form"),
        Deleted("numbers", "[1]", "entry deleted.files: it is not of the expected form"),
        Deleted("null", "null", "entry deleted.files: it is null"),
        Deleted("a null", "[null]", "entry deleted.files: null is no path that could have been deleted"),
        Deleted("the root", "[\"/\"]", "entry deleted.files: \"/\" is no path that could have been deleted"),
        Deleted("nothing", "[\"\"]", "entry deleted.files: \"\" is no path that could have been deleted"),
        Deleted("the folder itself", "[\"/./\"]", "entry deleted.files: \"/./\" is no path that could have been deleted"),
        Deleted("climbing", "[\"/a/../../etc/passwd\"]", "entry deleted.files: \"/a/../../etc/passwd\" climbs out"),
        Deleted("climbing, relative", "[\"../etc\"]", "entry deleted.files: \"../etc\" climbs out"),
        Etc("a list", "[]", "entry stasis.etc: it is not of the expected form"),
        Etc("a number", "{\"hosts\": 1}", "entry stasis.etc: it is not of the expected form"),
        Etc("null", "null", "entry stasis.etc: it is null"),
        Etc("a null", "{\"hosts\": \"192.0.2.1 a\", \"hostname\": null}", "entry stasis.etc: the text of \"hostname\" is null"),
        Deleted("a zero byte", "[\"/a\\u0000b\"]", "entry deleted.files: \"/a\\u0000b\" is no path that could have been deleted"),
    ];

    private static Hostile Config(string name, string json, string message) =>
        new(
            "json",
            $"config.dump: {name}",
            new RawTar().Add("config.dump", Encoding.Latin1.GetBytes(json)).Add("spec.dump", "{}").End(),
            message);

    private static Hostile Etc(string name, string json, string message) =>
        new("json", $"stasis.etc: {name}", RawTar.Begun.Add("stasis.etc", json).End(), message);

    private static Hostile Deleted(string name, string json, string message) =>
        new("json", $"deleted.files: {name}", RawTar.Begun.Add("deleted.files", json).End(), message);
}
