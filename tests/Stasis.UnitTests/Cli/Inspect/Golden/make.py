#!/usr/bin/env python3
"""Makes podman.txt: every field of Podman's inspect records and the JSON type of its value, read from Podman's source.

Usage: make.py PODMAN-SOURCE >podman.txt"""
import re
import sys

FILES = ["libpod/define/container_inspect.go", "libpod/define/healthchecks.go", "libpod/define/volume_inspect.go", "pkg/inspect/inspect.go"]
ROOTS = {"container": "InspectContainerData", "image": "ImageData", "volume": "InspectVolumeData"}
# Of other modules (image-spec, runtime-spec, containers/image).
OTHERS = {
    "ImageConfig": "User string; ExposedPorts map[string]struct{}; Env []string; Entrypoint []string; Cmd []string; Volumes map[string]struct{}; "
                   "WorkingDir string; Labels map[string]string; StopSignal string; ArgsEscaped bool",
    "History": "created time.Time; created_by string; author string; comment string; empty_layer bool",
    "Schema2HealthConfig": "Test []string; StartPeriod int; StartInterval int; Interval int; Timeout int; Retries int",
}
SIMPLE = {"string": "string", "bool": "boolean", "time.Time": "string", "digest.Digest": "string", "any": "any", "struct{}": "object"}

structs = {name: [tuple(field.split(" ", 1)) for field in fields.split("; ")] for name, fields in OTHERS.items()}
for file in FILES:
    try:
        source = open(f"{sys.argv[1]}/{file}").read()
    except FileNotFoundError:
        continue
    for name, body in re.findall(r"^type (\w+) struct \{\n(.*?)^\}", source, re.M | re.S):
        fields = []
        for line in body.splitlines():
            line = line.split("//")[0].strip()
            if embedded := re.fullmatch(r"\*?(\w+)", line):
                fields.append((None, embedded[1]))
            elif match := re.match(r'(\w+)\s+(\S+)(?:\s+`json:"([^,"]*)[^`]*`)?$', line):
                if match[3] != "-":
                    fields.append((match[3] or match[1], match[2]))
        structs[name] = fields


def walk(path, type_):
    type_ = type_.lstrip("*")
    if type_.startswith("[]"):
        yield path, "array"
        yield from list(walk(path + "[]", type_[2:]))[1:]
    elif type_.startswith("map[string]"):
        yield path, "object"
        yield from list(walk(path + "{}", type_[len("map[string]"):]))[1:]
    elif type_ in SIMPLE:
        yield path, SIMPLE[type_]
    elif (name := type_.split(".")[-1]) in structs:
        yield path, "object"
        for field, of in structs[name]:
            yield from walk(f"{path}.{field}", of) if field else list(walk(path, of))[1:]
    else:
        yield path, "number" if re.match(r"u?int|float", type_) else "object"


for root, name in ROOTS.items():
    for path, type_ in list(walk(root, name))[1:]:
        print(path, type_)
