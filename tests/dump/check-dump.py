#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares `bermig dump` with what a legacy stream says itself.

    check-dump.py BERMIG STREAM [LEGACY]

The devices of a QEMU stream (magic QEVM) are read here once more, by code of
its own: the octets from the sections, their meaning from the JSON description
at the end.  Each described leaf gives a path, a type and a value; `bermig dump`
must print the same, all of them and in this order, as text and as JSON.  With
LEGACY, STREAM is what is dumped (a BER file) and LEGACY what it was made from.

Exit status: 0 equal, 1 different (the first ten differences are printed), 2
could not run.
"""
import json
import mmap
import re
import subprocess
import sys

SHOWN = 10


class Unfit(Exception):
    """Octets that are not what the description says."""


class Broken(Exception):
    """A stream that this reader does not understand."""


# ---- octets ----

class Octets:
    """A cursor; the end of the octets is an error."""

    def __init__(self, data, at=0, end=None):
        self.data, self.at = data, at
        self.end = len(data) if end is None else end

    def take(self, n):
        if n > self.end - self.at:
            raise Unfit("%d octets at %d" % (n, self.at))
        self.at += n
        return bytes(self.data[self.at - n:self.at])

    def skip(self, n):
        if n > self.end - self.at:
            raise Broken("%d octets at %d" % (n, self.at))
        self.at += n

    def number(self, n):
        return int.from_bytes(self.take(n), "big")

    def peek(self):
        return self.data[self.at] if self.at < self.end else None

    def name(self):
        return self.take(self.number(1)).decode()


# ---- the description ----

class Pairs(list):
    """A JSON object with its order and its repeated keys."""

    def get(self, key, default=None):
        for k, v in self:
            if k == key:
                return v
        return default


def structs_in(pairs):
    """Each run of vmsd_name, version, fields, [subsections] in an object."""
    found = []
    for key, value in pairs:
        if key == "vmsd_name":
            found.append(Pairs())
        if found and key in ("vmsd_name", "version", "fields", "subsections"):
            found[-1].append((key, value))
    return [Struct(s) for s in found]


class Struct:
    def __init__(self, pairs):
        self.name = pairs.get("vmsd_name")
        self.version = pairs.get("version")
        self.fields = merge([Field(f) for f in pairs.get("fields")])
        self.subsections = [structs_in(s)[0] for s in pairs.get("subsections", [])]
        self.text = json.dumps(pairs)

    def size(self):
        return (sum(f.size * f.count for f in self.fields)
                + sum(6 + len(s.name) + s.size() for s in self.subsections))


INTEGER = re.compile(r"(u?)int(8|16|32|64)( equal| le)?$")
# name: what it shows as, octets of one; whole: several of them without saying so
NAMED = {
    "bool": ("bool", 1), "powered_off": ("bool", 1),
    "timer": ("int64", 8), "int64 equal": ("uint64", 8),
    "float64": ("float64", 8), "CPU_Double_U": ("float64", 8),
    "cpsr": ("uint32", 4), "fpscr": ("uint32", 4), "cpu/altivec/vscr": ("uint32", 4),
    "fpr": ("uint64", 8), "nullptr": ("pointer", 1), "ptr-marker": ("pointer", 1),
}
BUFFERS = ("buffer", "unused_buffer", "pci config", "avr", "vsr")
WHOLE = {"bitmap": ("uint64", 8), "pci irq state": ("uint32", 4), "slbe": ("uint64", 8)}
STRUCTS = ("struct", "vstruct", "tmp")
LISTS = ("qtailq", "qlist")


def plain_type(name):
    if name in NAMED:
        return NAMED[name]
    match = INTEGER.match(name)
    return (match.group(1) + "int" + match.group(2), int(match.group(2)) // 8) if match else None


class Field:
    """One entry of `fields`, and later the array that it is the first entry of."""

    def __init__(self, pairs):
        self.name, self.size = pairs.get("name"), pairs.get("size")
        self.sender = pairs.get("type")
        self.count = pairs.get("array_len", 1)
        self.index = pairs.get("index")
        self.whole = False
        self.structs = structs_in(pairs.get("struct", pairs))
        self.text = json.dumps([self.name, self.sender, self.size, [s.text for s in self.structs]])
        self.merged = "index" if self.index is not None else None
        self.settle("array_len" in [k for k, _ in pairs])

    def settle(self, element):
        plain = plain_type(self.sender)
        whole = WHOLE.get(self.sender)
        self.shown, self.each = "opaque:" + self.sender, self.size
        if plain and plain[1] == self.size:
            self.shown = plain[0]
        elif self.sender in BUFFERS:
            self.shown = "buffer"
        elif whole and self.size and self.size % whole[1] == 0:
            if element or self.index is not None:
                self.shown = "buffer"
            else:
                self.whole, self.shown, self.each = True, whole[0], whole[1]
                self.count, self.size = self.size // whole[1], whole[1]
        elif self.sender in STRUCTS and len(self.structs) == 1 \
                and self.structs[0].size() == self.size:
            self.shown = "struct"
        elif self.sender in LISTS \
                and sum(s.size() + 1 for s in self.structs) + 1 == self.size:
            self.shown = "list"

    @property
    def first(self):
        return self.index or 0

    def is_group(self):
        return self.shown == "list" or (self.shown in ("struct", "pointer") and self.count > 1)

    def is_packed(self):
        return not self.is_group() and self.shown != "struct" and (self.count > 1 or self.whole)

    def takes(self, other):
        """True if `other` is the next element of the array that this one began."""
        if self.text != other.text or self.shown == "list" or other.count != 1 or other.whole:
            return False
        if other.index is not None:
            return self.merged == "index" and other.index == self.first + self.count
        if self.merged == "index":
            self.merged = "index, last"
            return True
        if self.merged is None and self.count == 1 and not self.whole:
            self.merged = "repeated"
        return self.merged == "repeated"


def merge(fields):
    merged = []
    for field in fields:
        if merged and merged[-1].takes(field):
            merged[-1].count += 1
        else:
            merged.append(field)
    return merged


# ---- leaves: (path, type, value as text) and (keys, type, value as in JSON) ----

class Leaves:
    def __init__(self, root):
        self.text, self.json = [], []
        self.path, self.keys = root, ()

    def add(self, suffix, keys, shown, octets):
        text, value = values_of(shown, octets)
        self.text.append("%s = %s" % (escape(self.path + suffix), text))
        self.json.append((self.keys + keys, shown, value))


ESCAPES = {"\\": "\\\\", **{chr(n): "\\u%04x" % n for n in (*range(32), *range(127, 160))}}
ESCAPED = str.maketrans(ESCAPES)


def escape(name):
    return name.translate(ESCAPED)


def values_of(shown, octets):
    """A leaf as in text and as in JSON."""
    number = int.from_bytes(octets, "big")
    if shown == "bool" and number > 1:
        return "(raw) " + octets.hex(), octets.hex()
    if shown == "bool":
        return "(bool) 0x%x" % number, bool(number)
    if shown.startswith("uint"):
        return "(%s) 0x%x" % (shown, number), number
    if shown.startswith("int"):
        return "(%s) 0x%x" % (shown, number), int.from_bytes(octets, "big", signed=True)
    if shown.startswith("float"):
        return "(%s) 0x%x" % (shown, number), "0x%x" % number
    if shown == "pointer":
        return {b"0": ("(null)", None), b"1": ("(present)", True)}.get(
            octets, ("(raw) " + octets.hex(), octets.hex()))
    return ("(%s) %s" % (escape(shown), octets.hex())).rstrip(" "), octets.hex()


def is_alone(field):
    return field.shown == "struct" and field.count == 1 and field.index is None


def own_name(field):
    """A single struct goes by the name of its description."""
    return field.structs[0].name if is_alone(field) else field.name


def component(parent, field):
    """That name, unless another component would then look alike."""
    name = own_name(field)
    alike = [own_name(f) for f in parent.fields].count(name) > 1
    return field.name if alike else name


def dimensions(field):
    if field.shown == "list":
        return "(%d)" % len(field.structs)
    if field.is_group() or field.is_packed() or field.index is not None:
        piece = ".[%d]" % field.first if field.count == 1 and not field.whole else ""
        return "(%d)(%d)%s" % (field.count, field.size, piece)
    if field.shown == "buffer":
        return "(%d)(1)" % field.size
    return ""


def key_of(parent, field):
    first = "[%d]" % field.first if field.first else ""
    return component(parent, field) + first


class Keys:
    """Keys of one object: those that repeat are numbered."""

    def __init__(self):
        self.seen = {}

    def add(self, name):
        unique, n = name, self.seen.get(name, 0)
        while unique in self.seen:
            n += 1
            unique = "%s#%d" % (name, n)
        if n:
            self.seen[name] = n
        self.seen[unique] = 1
        return unique


def walk_struct(struct, octets, leaves):
    keys = Keys()
    for field in struct.fields:
        name = component(struct, field)
        below(leaves, "." + name + dimensions(field), keys.add(key_of(struct, field)),
              lambda f=field: walk_field(f, octets, leaves))
    for sub in struct.subsections:
        walk_header(sub, octets)
        name = sub.name[len(struct.name) + 1:] if sub.name.startswith(struct.name + "/") \
            else sub.name
        below(leaves, "." + name, keys.add(sub.name),
              lambda s=sub: walk_struct(s, octets, leaves))


def walk_header(sub, octets):
    if octets.number(1) != 5 or octets.name() != sub.name or octets.number(4) != sub.version:
        raise Unfit("subsection " + sub.name)


def below(leaves, path, key, walk):
    before = leaves.path, leaves.keys
    leaves.path += path
    leaves.keys += (key,)
    walk()
    leaves.path, leaves.keys = before


def walk_field(field, octets, leaves):
    if field.shown == "list":
        walk_list(field, octets, leaves)
    elif field.is_group():
        walk_group(field, octets, leaves)
    elif field.shown == "struct":
        walk_struct(field.structs[0], octets, leaves)
    elif field.is_packed():
        walk_packed(field, octets, leaves)
    else:
        leaves.add("", (), field.shown, octets.take(field.size))


def walk_list(field, octets, leaves):
    for i, struct in enumerate(field.structs):
        if octets.number(1) != 1:
            raise Unfit("element of " + field.name)
        below(leaves, ".[%d]" % i, i, lambda s=struct: walk_struct(s, octets, leaves))
    if octets.number(1):
        raise Unfit("end of " + field.name)


def walk_group(field, octets, leaves):
    for i in range(field.count):
        suffix = ".[%d]" % (field.first + i)
        if field.shown == "struct":
            below(leaves, suffix, i, lambda: walk_struct(field.structs[0], octets, leaves))
        else:
            leaves.add(suffix, (i,), field.shown, octets.take(field.size))


def walk_packed(field, octets, leaves):
    """Unlike one of its own, a bool of an array is an octet, whatever it holds."""
    if not field.size:
        leaves.add("", (), field.shown, b"")
        return
    for i in range(field.count):
        value = octets.take(field.size)
        leaves.add(".[%d]" % (field.first + i), (i,), field.shown, value)
        if field.shown == "bool" and value[0] > 1:
            leaves.text[-1] = "%s.[%d] = (bool) 0x%x" % (leaves.path, field.first + i, value[0])
            leaves.json[-1] = leaves.json[-1][:2] + (value[0],)


# ---- the stream ----

class Device:
    def __init__(self, sid, name, instance, version, at):
        self.id, self.name, self.instance, self.version = sid, name, instance, version
        self.at = at
        self.octets = None
        self.struct = None
        self.leaves = None


class Stream:
    def __init__(self, data):
        self.data = data
        self.leading = data.find(b"QEVM\0\0\0\3")
        if self.leading < 0:
            raise Broken("no QEMU stream")
        self.at = Octets(data, self.leading + 8)
        self.machine = None
        self.capabilities, self.page_bits, self.uuid = None, None, None
        self.blocks, self.hash_sizes = [], []
        self.devices = []
        self.live = {}
        self.description = find_description(data)
        self.page_size = self.description.get("page_size") if self.description else None
        self.entries = list(self.description.get("devices")) if self.description else []
        self.footers = None  # not known before the first section's end

    def read(self):
        if self.at.peek() == 7:
            self.read_configuration()
        while self.read_record(self.at):
            pass

    def read_configuration(self):
        at = self.at
        at.skip(1)
        self.machine = at.take(at.number(4)).decode()
        while at.peek() == 5:
            at.skip(1)
            name = at.name()
            at.skip(4)
            if name.endswith("page-bits"):
                self.page_bits = at.number(4)
                self.page_size = 1 << self.page_bits
            elif name.endswith("capabilities"):
                self.capabilities = [at.name() for _ in range(at.number(4))]
            elif name.endswith("uuid"):
                self.uuid = at.take(16)
            else:
                raise Broken(name)

    def read_record(self, at):
        kind = at.number(1)
        if kind in (1, 4):
            sid, name = at.number(4), at.name()
            instance, version = at.number(4), at.number(4)
            if kind == 1:
                self.live[sid] = name
                self.read_live(at, name, "start")
            else:
                self.read_device(at, Device(sid, name, instance, version, at.at))
        elif kind in (2, 3):
            sid = at.number(4)
            self.read_live(at, self.live[sid], "part" if kind == 2 else "end")
        elif kind == 8:
            return self.read_command(at)
        elif kind == 0:
            return False
        else:
            raise Broken("record %d at %d" % (kind, at.at))
        if kind != 4:
            self.footer(at, sid)
        return True

    def footer(self, at, sid):
        if self.footers is None:
            self.footers = at.peek() == 0x7e
        if self.footers:
            at.skip(1)
            if at.number(4) != sid:
                raise Broken("footer at %d" % at.at)

    def read_command(self, at):
        command = at.number(2)
        payload = at.take(at.number(2))
        if command != 7:
            return True
        inside = Octets(self.data, at.at, at.at + int.from_bytes(payload, "big"))
        while inside.at < inside.end and self.read_record(inside):
            pass
        at.at = inside.end
        return True

    # The devices of the description are the FULL records, in the same order.

    def read_device(self, at, device):
        entry = self.entries.pop(0) if self.entries else None
        if entry is None:
            self.read_undescribed(at, device)
        elif entry.get("name") != device.name:
            raise Broken("%s is described as %s" % (device.name, entry.get("name")))
        elif entry.get("vmsd_name") is None:
            device.octets = at.take(entry.get("size"))
            self.footer(at, device.id)
        else:
            self.read_described(at, device, entry)
        self.devices.append(device)

    def read_described(self, at, device, entry):
        device.struct = structs_in(entry)[0]
        start, end = at.at, at.at + device.struct.size()
        footer = b"\x7e" + device.id.to_bytes(4, "big")
        if self.footers and self.data[end:end + 5] != footer:
            end = self.data.find(footer, start)
            if end < 0:
                raise Broken("end of " + device.name)
        device.octets = bytes(self.data[start:end])
        at.at = end
        self.footer(at, device.id)

    def read_undescribed(self, at, device):
        footer = b"\x7e" + device.id.to_bytes(4, "big")
        end = self.data.find(footer, at.at, at.end)
        while end >= 0 and end + 5 < at.end and self.data[end + 5] not in (0, 1, 2, 3, 4, 8):
            end = self.data.find(footer, end + 1, at.end)
        if end < 0:
            raise Broken("end of %s, which is not described" % device.name)
        device.octets = bytes(self.data[at.at:end])
        at.at = end + 5

    # Live sections: only as much as it takes to find their end.

    def read_live(self, at, name, phase):
        readers = {"ram": self.skip_ram, "block": self.skip_block,
                   "dirty-bitmap": self.skip_bitmap, "spapr/htab": self.skip_htab,
                   "s390-storage_attributes": self.skip_cmma}
        if name not in readers:
            raise Broken("live section " + name)
        readers[name](at, phase)

    def skip_ram(self, at, phase):
        page = self.page_size or 4096
        while True:
            word = at.number(8)
            flags, named = word & (page - 1) & ~0x20, not word & 0x20
            if flags == 4:
                self.read_blocks(at, word & ~(page - 1))
                continue
            if named and flags in (2, 8, 0x40, 0x100):
                at.skip(at.number(1))
            if flags == 0x10:
                return
            if flags == 8:
                at.skip(page)
            elif flags == 2:
                at.skip(1)
            elif flags == 0x40:
                at.skip(1)
                at.skip(at.number(2))
            elif flags == 0x100:
                at.skip(at.number(4))
            elif flags not in (0x80, 0x200):
                raise Broken("RAM word %x at %d" % (word, at.at))

    def read_blocks(self, at, total):
        while total > 0:
            name, length = at.name(), at.number(8)
            address = None
            if self.capabilities and "x-ignore-shared" in self.capabilities:
                address = at.number(8)
            self.blocks.append((name, length, address))
            total -= length

    def skip_block(self, at, phase):
        while True:
            flags = at.number(8) & 511
            if flags & 2:
                return
            if flags & 1:
                at.skip(at.number(1))
                if not flags & 8:
                    at.skip(1 << 20)

    def skip_bitmap(self, at, phase):
        while True:
            flags = at.number(1)
            if flags & 8:
                at.name()
            if flags & 4:
                at.name()
            if flags & 1:
                return
            if flags & 0x10:
                at.skip(5)
            elif flags & 0x40:
                at.skip(12)
                if not flags & 2:
                    at.skip(at.number(8))

    def skip_htab(self, at, phase):
        size = at.number(4)
        if size or phase == "start":
            self.hash_sizes.append(size if size != 0xffffffff else 0)
            return
        while True:
            header = at.take(8)
            if not any(header):
                return
            at.skip(16 * int.from_bytes(header[4:6], "big"))

    def skip_cmma(self, at, phase):
        while True:
            flags = at.number(8) & 15
            if flags == 1:
                return
            if flags == 2:
                at.skip(at.number(8))


def find_description(data):
    """The JSON text is what the last four octets before a '{' say it is."""
    at = len(data)
    while (at := data.rfind(b"{", 0, at)) >= 0:
        length = int.from_bytes(data[at - 4:at], "big")
        if data[at - 5] == 6 and at + length <= len(data) and data[at + length - 1] == ord("}"):
            return json.loads(bytes(data[at:at + length]).decode(), object_pairs_hook=Pairs)
        if len(data) - at > 1 << 26:
            break
    return None


# ---- what the dump should say ----

def roots(devices):
    used = set()
    for device in devices:
        suffix = "#%d" % device.instance if device.instance else ""
        names = [device.struct.name + suffix] if device.struct else []
        names += [device.name + suffix, "%s%s@%d" % (device.name, suffix, device.id)]
        device.root = next(n for n in names if n not in used)
        used.add(device.root)


def read_leaves(device):
    leaves = Leaves(device.root)
    if device.struct:
        try:
            octets = Octets(device.octets)
            walk_struct(device.struct, octets, leaves)
            if octets.at == len(device.octets):
                return leaves
        except Unfit:
            pass
    device.struct = None
    leaves = Leaves("%s(%d)(1)" % (device.root, len(device.octets)))
    leaves.add("", ("octets",), "octets", device.octets)
    return leaves


def flatten(node, keys=()):
    """The leaves of a device's state in the JSON dump."""
    if isinstance(node, list) and not isinstance(node, Pairs):
        for i, element in enumerate(node):
            yield from flatten(element, keys + (i,))
    elif isinstance(node.get("type"), str):
        yield from flatten_leaf(node, keys)
    else:
        for key, value in node:
            yield from flatten(value, keys + (key,))


def flatten_leaf(leaf, keys):
    shown, value = leaf.get("type"), leaf.get("value")
    if leaf.get("count") is None:
        yield keys, shown, value
        return
    if leaf.get("count") != len(value):
        yield keys, shown, "count %d, but %d values" % (leaf.get("count"), len(value))
    for i, element in enumerate(value):
        yield keys + (i,), shown, element


class Differences:
    def __init__(self):
        self.count = 0

    def add(self, where, expected, got):
        self.count += 1
        if self.count <= SHOWN:
            print("%s:\n  expected %s\n  got      %s" % (where, clip(expected), clip(got)))

    def sequences(self, where, expected, got):
        for e, g in zip(expected, got):
            if e != g:
                self.add(where, e, g)
        for e in expected[len(got):]:
            self.add(where, e, "nothing")
        for g in got[len(expected):]:
            self.add(where, "nothing", g)


def clip(what):
    text = str(what)
    return text if len(text) < 240 else text[:240] + "..."


def dump(bermig, form, path):
    run = subprocess.run([bermig, "dump", "--format=" + form, path], stdout=subprocess.PIPE)
    if run.returncode:
        raise Broken("dump --format=%s: status %d" % (form, run.returncode))
    return run.stdout.decode()


def other_lines(stream):
    """What is not about devices and is not left out."""
    lines = []
    if stream.leading:
        lines.append("leading(%d)(1) = (octets) %s"
                     % (stream.leading, bulk(stream.data[:stream.leading])))
    if stream.machine is not None:
        lines.append("configuration.machine = (string) " + json.dumps(stream.machine))
    if stream.page_bits is not None:
        lines.append("configuration.page_bits = (uint32) 0x%x" % stream.page_bits)
    for i, name in enumerate(stream.capabilities or []):
        lines.append('configuration.capabilities(%d).[%d] = (string) "%s"'
                     % (len(stream.capabilities), i, name))
    if stream.uuid is not None:
        lines.append("configuration.uuid(16)(1) = (buffer) " + stream.uuid.hex())
    for i, (name, length, address) in enumerate(stream.blocks):
        path = "ram.blocks(%d).[%d]." % (len(stream.blocks), i)
        lines.append(path + "name = (string) " + json.dumps(name))
        lines.append(path + "length = (uint64) 0x%x" % length)
        if address is not None:
            lines.append(path + "address = (uint64) 0x%x" % address)
    lines += ["spapr/htab.hash_size = (uint32) 0x%x" % size for size in stream.hash_sizes]
    return lines


def bulk(octets):
    """What lies around the stream is shown in full only if it is short."""
    if len(octets) <= 4096:
        return octets.hex()
    return "%s... %d octets in all" % (octets[:64].hex(), len(octets))


def split_text(text):
    """The lines of each device, and those of all else that is compared."""
    devices, others, current = [], [], None
    for line in text.splitlines():
        if line.startswith("# device "):
            current = []
            devices.append((line, current))
        elif line.startswith("#"):
            current = None
        elif re.match(r"configuration\.|ram\.blocks\(|spapr/htab\.hash_size|leading\(", line) and current is None:
            others.append(line)
        elif re.match(r"(ram|command|package|finish|remainder)[.(]", line):
            current = None
        elif current is not None:
            current.append(line)
    return devices, others


def check_text(stream, text, differences):
    devices, others = split_text(text)
    differences.sequences("text", other_lines(stream), others)
    differences.sequences(
        "text, devices",
        ["# device %s instance %d version %d section %d" % (d.name, d.instance, d.version, d.id)
         for d in stream.devices],
        [comment for comment, _ in devices])
    for device, (_, lines) in zip(stream.devices, devices):
        differences.sequences("text, " + device.name, device.leaves.text, lines)


def check_json(stream, text, differences):
    document = json.loads(text, object_pairs_hook=Pairs)
    records = [r for r in document.get("records") if r.get("record") == "device"]
    facts = ("root", "name", "instance", "version", "section")
    differences.sequences(
        "JSON, devices",
        [(d.root, d.name, d.instance, d.version, d.id) for d in stream.devices],
        [tuple(r.get(f) for f in facts) for r in records])
    for device, record in zip(stream.devices, records):
        state = record.get("state")
        if state is None:
            got = list(flatten(record.get("octets"), ("octets",)))
        else:
            got = list(flatten(state))
        expected = [(k, json_type(s, v), v) for k, s, v in device.leaves.json]
        differences.sequences("JSON, " + device.name, expected, got)
    if document.get("complete") is not True:
        differences.add("JSON", "complete", "not")


def json_type(shown, value):
    """Octets where another value should be are raw."""
    raw = isinstance(value, str) and shown in ("bool", "pointer")
    return "raw" if raw else shown


def check(bermig, dumped, legacy):
    with open(legacy, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    stream = Stream(data)
    stream.read()
    roots(stream.devices)
    for device in stream.devices:
        device.leaves = read_leaves(device)
    differences = Differences()
    check_text(stream, dump(bermig, "text", dumped), differences)
    check_json(stream, dump(bermig, "json", dumped), differences)
    if differences.count:
        print("%d differences" % differences.count)
        return 1
    described = sum(1 for d in stream.devices if d.struct)
    print("%d devices, %d of them described, %d leaves: equal"
          % (len(stream.devices), described, sum(len(d.leaves.json) for d in stream.devices)))
    return 0


def main(arguments):
    if len(arguments) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return check(arguments[1], arguments[2], arguments[-1])
    except (Broken, Unfit) as error:
        print("%s: %s" % (arguments[-1], error), file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
