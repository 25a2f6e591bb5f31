using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace Stasis.EndToEndTests.Packaging;

/// <summary>What <c>eng/package.sh</c> makes.</summary>
public sealed class PackageTests(PackagesFixture packages) : IClassFixture<PackagesFixture>
{
    [Fact]
    public async Task Checksums_are_those_of_all_files()
    {
        var sums = await File.ReadAllLinesAsync(packages.File("SHA256SUMS"), TestContext.Current.CancellationToken);
        var names = Directory.GetFiles(packages.Folder).Select(path => Path.GetFileName(path)).Where(name => name != "SHA256SUMS");
        Assert.Equal(names.Order(StringComparer.Ordinal), sums.Select(line => line[66..]).Order(StringComparer.Ordinal));
        foreach (var line in sums)
        {
            await using var file = File.OpenRead(Path.Combine(packages.Folder, line[66..]));
            Assert.Equal(line[..64], Convert.ToHexStringLower(await SHA256.HashDataAsync(file, TestContext.Current.CancellationToken)));
        }
    }

    [Theory]
    [InlineData("Stasis.Engine")]
    [InlineData("Stasis.Linux")]
    [InlineData("Stasis.Extensions.DependencyInjection")]
    public async Task NuGet_packages_have_readme_licence_documentation_and_symbols(string name)
    {
        await using var package = await ZipFile.OpenReadAsync(packages.File($"{name}.*.nupkg"), TestContext.Current.CancellationToken);
        var entries = package.Entries.Select(entry => entry.FullName).ToList();
        Assert.Contains($"lib/net10.0/{name}.dll", entries);
        Assert.Contains($"lib/net10.0/{name}.xml", entries);
        var readme = await ReadAsync(package, "README.md");
        Assert.StartsWith("# ", readme, StringComparison.Ordinal);
        var metadata = XDocument.Parse((await ReadAsync(package, $"{name}.nuspec")).TrimStart('\uFEFF')).Root!.Elements().Single();
        string? Field(string field) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == field)?.Value;
        Assert.Equal("Apache-2.0", Field("license"));
        Assert.Equal("README.md", Field("readme"));
        Assert.NotEmpty(Field("description") ?? "");

        await using var symbols = await ZipFile.OpenReadAsync(packages.File($"{name}.*.snupkg"), TestContext.Current.CancellationToken);
        Assert.Contains($"lib/net10.0/{name}.pdb", symbols.Entries.Select(entry => entry.FullName));
    }

    [Fact]
    public async Task Tarball_has_what_is_installed_under_a_prefix()
    {
        var entries = new Dictionary<string, UnixFileMode>();
        await using var file = File.OpenRead(packages.File("stasis-*-linux-amd64.tar.gz"));
        await using var gzip = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(gzip);
        while (await tar.GetNextEntryAsync(copyData: false, TestContext.Current.CancellationToken) is { } entry)
        {
            Assert.Equal((0, 0), (entry.Uid, entry.Gid));
            entries.Add(entry.Name[(entry.Name.IndexOf('/', StringComparison.Ordinal) + 1)..], entry.Mode);
        }
        Assert.True(entries["bin/stasis"].HasFlag(UnixFileMode.OtherExecute));
        Assert.True(entries["share/stasis/find-criu"].HasFlag(UnixFileMode.OtherExecute));
        string[] others =
        [
            "share/man/man1/stasis.1", "share/bash-completion/completions/stasis", "share/zsh/site-functions/_stasis",
            "share/fish/vendor_completions.d/stasis.fish", "share/doc/stasis/LICENSE", "share/doc/stasis/copyright",
            "share/doc/stasis/THIRD-PARTY-NOTICES.TXT",
        ];
        Assert.Empty(others.Except(entries.Keys));
    }

    [Fact]
    public async Task SBOM_names_every_library_that_is_linked_in()
    {
        await using var file = File.OpenRead(packages.File("*.cdx.json"));
        using var sbom = await JsonDocument.ParseAsync(file, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("CycloneDX", sbom.RootElement.GetProperty("bomFormat").GetString());
        var linked = sbom.RootElement.GetProperty("components").EnumerateArray()
            .Where(component => component.GetProperty("scope").GetString() == "required").ToList();
        Assert.All(linked, component => Assert.StartsWith("pkg:", component.GetProperty("purl").GetString(), StringComparison.Ordinal));
        Assert.All(linked, component => Assert.NotEqual(0, component.GetProperty("licenses").GetArrayLength()));
        string[] some =
        [
            "libsqlite3", "libzstd", "libcrypto", "runtime.linux-x64.Microsoft.DotNet.ILCompiler", "System.CommandLine",
        ];
        Assert.Empty(some.Except(linked.Select(component => component.GetProperty("name").GetString())));
    }

    [Fact]
    public async Task Debian_package_works_on_a_bare_Debian() =>
        Assert.Contains(": works\n", await RepositoryScript.RunAsync("try-package.sh"), StringComparison.Ordinal);

    private static async Task<string> ReadAsync(ZipArchive archive, string name)
    {
        var entry = archive.GetEntry(name) ?? throw new FileNotFoundException($"the package has no {name}");
        using var reader = new StreamReader(await entry.OpenAsync(TestContext.Current.CancellationToken));
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
