# SPDX-License-Identifier: BSD-2-Clause
"""A second decoder: from BER to QEMU's stream, written after SPEC.md and
asn1/bermig.asn1 alone and in their order, to show that they are enough.

It shares no code with bermig, takes whole streams in memory and is slow.  What
is wrong with a stream ends in an AssertionError or another exception.
"""
import ctypes
import struct

from page_channels import PageChannel

xxhash = ctypes.CDLL('libxxhash.so.0')
xxhash.XXH3_64bits.restype = ctypes.c_uint64
xxhash.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
zstd = ctypes.CDLL('libzstd.so.1')
zstd.ZSTD_decompress.restype = ctypes.c_size_t
zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]


def xxh3(octets):
    return xxhash.XXH3_64bits(octets, len(octets))


def decompress(octets, size):
    out = ctypes.create_string_buffer(max(size, 1))
    assert zstd.ZSTD_decompress(out, size, octets, len(octets)) == size
    return out.raw[:size]


def be16(n):
    return struct.pack('>H', n)


def be32(n):
    return struct.pack('>I', n)


def be64(n):
    return struct.pack('>Q', n)


def name(octets):
    assert 1 <= len(octets) <= 255
    return bytes([len(octets)]) + octets


# ---- 3 Encoding

BOOLEAN, INTEGER, OCTETS, NULL = 0x01, 0x02, 0x04, 0x05
ENUMERATED, UTF8, SEQUENCE = 0x0a, 0x0c, 0x30


def context(n):
    return 0x80 | n


def constructed(n):
    return 0xa0 | n


class View:
    """Octets, and how far they have been read."""

    def __init__(self, octets, at=0):
        self.octets, self.at = octets, at

    def more(self):
        return self.at < len(self.octets)

    def next_is(self, tag):
        return self.more() and self.octets[self.at] == tag

    def take(self, n):
        assert n <= len(self.octets) - self.at
        self.at += n
        return self.octets[self.at - n:self.at]

    def _length(self):
        first = self.take(1)[0]
        if first < 0x80:
            return first
        octets = self.take(first & 0x7f)
        n = int.from_bytes(octets, 'big')
        assert octets and octets[0] and n >= 0x80
        return n

    def get(self, tag):
        assert self.take(1)[0] == tag
        return self.take(self._length())

    def open(self, tag):
        return View(self.get(tag))

    def explicit(self, tag, inner):
        view = self.open(tag)
        octets = view.get(inner)
        assert not view.more()
        return octets

    def signed(self, tag=INTEGER):
        octets = self.get(tag)
        n = int.from_bytes(octets, 'big', signed=True)
        bits = (n if n >= 0 else ~n).bit_length() + 1
        assert len(octets) == (bits + 7) // 8
        return n

    def number(self, tag=INTEGER):
        n = self.signed(tag)
        assert n >= 0
        return n

    def optional_number(self, tag, default=None):
        return self.number(tag) if self.next_is(tag) else default


# ---- 6 Descriptions and values

BOOL, UNSIGNED, SIGNED, FLOAT, BUFFER, STRING, POINTER, STRUCT, LIST, OPAQUE = range(10)
ARRAY, INDEXED, INDEXED_BUT_LAST, REPEATED, WHOLE = range(5)


def default_type(kind, width):
    if kind in (UNSIGNED, SIGNED):
        return f'{"uint" if kind == UNSIGNED else "int"}{8 * width}'
    if kind == FLOAT:
        return {4: 'float32', 8: 'float64', 10: 'float80'}.get(width, 'float')
    return {BOOL: 'bool', BUFFER: 'buffer', STRING: 'string', POINTER: 'nullptr', STRUCT: 'struct',
            LIST: 'qtailq', OPAQUE: 'opaque'}[kind]


class Field:
    def __init__(self, view, schemas):
        self.name = view.get(UTF8).decode()
        self.kind = view.number(ENUMERATED)
        self.width = view.optional_number(context(0), 0)
        self.count = view.optional_number(context(1), 1)
        self.form = view.optional_number(context(2), ARRAY)
        self.first = view.optional_number(context(3), 0)
        self.type = default_type(self.kind, self.width)
        if view.next_is(constructed(4)):
            self.type = view.explicit(constructed(4), UTF8).decode()
        self.elements = []
        if view.next_is(constructed(5)):
            self.elements = referred(view.open(constructed(5)), schemas)
        self.packed = ((self.count > 1 or self.form == WHOLE)
                       and self.kind in (BOOL, UNSIGNED, SIGNED, FLOAT, BUFFER, OPAQUE))
        self.group = self.kind == LIST or self.count > 1 and self.kind in (STRUCT, POINTER)

    def size(self):
        """Of one element, section 8.7."""
        if self.kind == LIST:
            head = 5 if self.type == 'gtree' else 1
            return head + sum(1 + schema.size for schema in self.elements)
        return self.elements[0].size if self.kind == STRUCT else self.width


class Schema:
    def __init__(self, view, schemas):
        self.number = view.number()
        assert self.number == len(schemas)
        self.name = view.get(UTF8)
        self.version = view.number()
        fields = view.open(SEQUENCE)
        self.fields = []
        while fields.more():
            self.fields.append(Field(fields.open(SEQUENCE), schemas))
        self.subsections = referred(view.open(SEQUENCE), schemas)
        self.size = (sum(field.count * field.size() for field in self.fields)
                     + sum(6 + len(s.name) + s.size for s in self.subsections))


def referred(numbers, schemas):
    found = []
    while numbers.more():
        found.append(schemas[numbers.number()])
    return found


# ---- 8.5 Bodies of devices

def scalar(field, values):
    if values.next_is(constructed(0)):
        raw = values.explicit(constructed(0), OCTETS)
        assert len(raw) == field.width
        return raw
    if field.kind == BOOL:
        return {b'\xff': b'\1', b'\0': b'\0'}[values.get(BOOLEAN)]
    if field.kind == UNSIGNED:
        return values.number().to_bytes(field.width, 'big')
    if field.kind == SIGNED:
        return values.signed().to_bytes(field.width, 'big', signed=True)
    assert field.kind == POINTER
    if values.next_is(NULL):
        assert values.get(NULL) == b''
        return b'0'
    assert values.get(BOOLEAN) == b'\xff'
    return b'1'


def group(field, values):
    if field.kind == LIST:
        if field.type == 'gtree':
            yield be32(len(field.elements))
        yield from (b'\1' + members(schema, values.open(SEQUENCE)) for schema in field.elements)
        yield b'\0'
    elif field.kind == STRUCT:
        yield from (members(field.elements[0], values.open(SEQUENCE)) for _ in range(field.count))
    else:
        yield from (scalar(field, values) for _ in range(field.count))
    assert not values.more()


def value(field, values):
    if field.packed or field.kind in (FLOAT, BUFFER, OPAQUE, STRING):
        octets = values.get(UTF8 if field.kind == STRING else OCTETS)
        if field.kind == STRING:
            octets = octets.ljust(field.width, b'\0')
        assert len(octets) == field.count * field.width
        return octets
    if field.group:
        return b''.join(group(field, values.open(SEQUENCE)))
    if field.kind == STRUCT:
        return members(field.elements[0], values.open(SEQUENCE))
    return scalar(field, values)


def members(schema, values):
    octets = [value(field, values) for field in schema.fields]
    for subsection in schema.subsections:
        content = values.open(constructed(1))
        assert content.number() == subsection.number
        octets += [b'\5', name(subsection.name), be32(subsection.version),
                   members(subsection, content.open(SEQUENCE))]
        assert not content.more()
    assert not values.more()
    return b''.join(octets)


# ---- 8.7 The derived description

class Json:
    """Text in one of the two styles.  Objects are lists of pairs: keys may repeat."""

    ESCAPES = {'"': '\\"', '\\': '\\\\', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r',
               '\t': '\\t'}

    def __init__(self, style):
        self.spaced = style == 0

    def _between(self, left, texts, right):
        blank = ' ' if self.spaced else ''
        return left + blank + ', '.join(texts) + blank + right

    def array(self, texts):
        return self._between('[', texts, ']')

    def object(self, pairs):
        colon = ' : ' if self.spaced else ': '
        return self._between('{', [f'"{key}"{colon}{text}' for key, text in pairs], '}')

    def string(self, text):
        return '"' + (text if self.spaced else ''.join(map(self._escaped, text))) + '"'

    def _escaped(self, c):
        if c in self.ESCAPES or ' ' <= c <= '~':
            return self.ESCAPES.get(c, c)
        units = struct.iter_unpack('>H', c.encode('utf-16-be'))
        return ''.join(f'\\u{unit:04X}' for unit, in units)


class Description:
    def __init__(self, style, page_size, configuration, devices):
        self.json = Json(style)
        root = [('configuration', self._object(configuration))] if configuration else []
        root += [('page_size', page_size), ('devices', self.json.array(map(self._device, devices)))]
        self.text = self.json.object(root).encode()

    def _object(self, schema):
        return self.json.object(self._struct(schema))

    def _struct(self, schema):
        fields = [entry for field in schema.fields for entry in self._entries(field)]
        yield 'vmsd_name', self.json.string(schema.name.decode())
        yield 'version', schema.version
        yield 'fields', self.json.array(fields)
        if schema.subsections:
            yield 'subsections', self.json.array(map(self._object, schema.subsections))

    def _entries(self, field):
        for i in range(1 if field.form in (ARRAY, WHOLE) else field.count):
            yield self.json.object(self._entry(field, i))

    def _entry(self, field, i):
        yield 'name', self.json.string(field.name)
        if field.form == ARRAY and field.count != 1:
            yield 'array_len', field.count
        elif field.form == INDEXED or field.form == INDEXED_BUT_LAST and i < field.count - 1:
            yield 'index', field.first + i
        yield 'type', self.json.string(field.type)
        inner = [pair for schema in field.elements for pair in self._struct(schema)]
        if field.type == 'struct':
            yield 'struct', self.json.object(inner)
        else:
            yield from inner
        yield 'size', field.size() * (field.count if field.form == WHOLE else 1)

    def _device(self, device):
        section, instance, schema, size = device
        pairs = [('name', self.json.string(section.decode())), ('instance_id', instance)]
        if schema:
            pairs += self._struct(schema)
        else:
            data = [('name', '"data"'), ('size', size), ('type', '"buffer"')]
            pairs += [('size', size), ('fields', self.json.array([self.json.object(data)]))]
        return self.json.object(pairs)


# ---- 7 Pages, 8.6 Bodies of live sections

def map_number(view):
    first = octet = view.take(1)[0]
    assert first != 0x80
    n = octet & 0x7f
    while octet & 0x80:
        octet = view.take(1)[0]
        n = n << 7 | octet & 0x7f
    return n


def map_runs(octets, page):
    """(first page, count, zero) of each run."""
    view, end = View(octets), page
    while view.more():
        head = map_number(view)
        count = map_number(view) + 2 if head & 1 else 1
        gap = head >> 3
        assert gap or not head & 4
        start = end - gap if head & 4 else end + gap
        assert start >= 0
        yield start, count, bool(head & 2)
        end = start + count


def zstd_data(view):
    size = view.number()
    return decompress(view.get(OCTETS), size)


def page_data(view):
    if view.next_is(OCTETS):
        return view.get(OCTETS)
    return zstd_data(view.open(constructed(0)))


class Ram:
    """Items of `ram`; lasts as long as the stream, for the continue rule."""

    END = be64(0x10)

    def __init__(self, channels=()):
        self.page_size, self.blocks = None, []
        self.last, self.named = None, False
        self.channels = channels   # of a stream that has some: a Channel each

    def item(self, tag, items):
        if tag == context(1):
            self.page_size = items.number(tag)
        elif tag == context(9):
            assert items.get(tag) == b''
            self.named = True
        elif tag == context(10):
            return be64(items.number(tag))
        elif tag == context(19):
            number = items.number(tag)
            assert self.channels
            return b''.join(self._meet(channel.upto(number)) for channel in self.channels)
        elif tag == constructed(18):
            assert not any(items.explicit(tag, OCTETS))
        elif tag == constructed(2):
            return b''.join(self._take_blocks(items.open(tag)))
        else:
            view = items.open(tag)
            octets = self._pages(tag & 0x1f, view, view.number(), view.number())
            assert not view.more()
            return octets
        return b''

    def _meet(self, items):
        """The pages of one channel up to a meet."""
        octets = []
        for one in items:
            tag, view = one[0], View(one)
            if tag == context(1):
                assert view.number(tag) == self.page_size
            elif tag == constructed(2):
                other = Ram()
                list(other._take_blocks(view.open(tag)))
                assert other.blocks == self.blocks
            else:
                assert tag in range(constructed(3), constructed(9))
                octets.append(self.item(tag, view))
        return b''.join(octets)

    def _take_blocks(self, view):
        total, blocks = view.number(), view.open(SEQUENCE)
        self.blocks = []
        yield be64(total + 4)
        while blocks.more():
            block = blocks.open(SEQUENCE)
            self.blocks.append((block.get(UTF8), block.number()))
            yield name(self.blocks[-1][0]) + be64(self.blocks[-1][1])
            for tag in (context(0), context(1)):
                if block.next_is(tag):
                    yield be64(block.number(tag))
        assert total == sum(length for _, length in self.blocks)
        if self.last not in (block for block, _ in self.blocks):
            self.last = None

    def _head(self, block, page, flag):
        own, length = self.blocks[block]
        assert page < length // self.page_size
        same = own == self.last and not self.named
        self.last, self.named = own, False
        word = page * self.page_size + flag
        return be64(word + 0x20) if same else be64(word) + name(own)

    def _full(self, block, page, data):
        assert data and len(data) % self.page_size == 0
        return b''.join(self._head(block, page + i, 0x08) + data[at:at + self.page_size]
                        for i, at in enumerate(range(0, len(data), self.page_size)))

    def _filled(self, block, page, count, octet):
        assert count
        return b''.join(self._head(block, page + i, 0x02) + bytes([octet]) for i in range(count))

    def _batch(self, block, page, octets, data):
        for start, count, zero in map_runs(octets, page):
            size = 0 if zero else count * self.page_size
            assert size <= len(data)
            yield (self._filled(block, start, count, 0) if zero
                   else self._full(block, start, data[:size]))
            data = data[size:]
        assert not data

    def _pages(self, item, view, block, page):
        if item == 3:
            return self._full(block, page, page_data(view))
        if item == 4:
            return self._filled(block, page, view.number(), 0)
        if item == 5:
            return b''.join(self._batch(block, page, view.get(OCTETS), page_data(view)))
        if item == 6:
            return self._filled(block, page, 1, view.number())
        assert item in (7, 8)
        data = view.get(OCTETS)
        if item == 7:
            return self._head(block, page, 0x40) + b'\1' + be16(len(data)) + data
        return self._head(block, page, 0x100) + be32(len(data)) + data


class Channel(Ram):
    """Items of `ram` in the stream of a channel: kept, each up to the meet behind it."""

    def __init__(self):
        super().__init__()
        self.kept, self.met = [], {}

    def item(self, tag, items):
        begin = items.at
        items.get(tag)
        if tag == context(19):
            self.met[View(items.octets[begin:]).number(tag)] = self.kept
            self.kept = []
        else:
            self.kept.append(items.octets[begin:items.at])
        return b''

    def upto(self, number):
        assert number == min(self.met)
        return self.met.pop(number)


class Block:
    """Items of `block`."""

    END = be64(2)

    def item(self, tag, items):
        if tag == context(12):
            return be64(items.number(tag) * 512 + 4)
        assert tag == constructed(11)
        view = items.open(tag)
        device, sector = name(view.get(UTF8)), view.number()
        if not view.more():
            return be64(sector * 512 + 1 + 8) + device
        data = page_data(view.open(constructed(0)))
        assert len(data) == 1 << 20 and not view.more()
        return be64(sector * 512 + 1) + device + data


class Hash:
    """Items of `spapr/htab`."""

    def begin(self):
        self.first, self.sized = be32(0), False

    @property
    def END(self):
        return b'' if self.sized else self.first + be64(0)

    def item(self, tag, items):
        assert not self.sized
        if tag == context(13):
            size = items.number(tag)
            assert self.first and (size == 0 or 18 <= size <= 46)
            self.sized = True
            return be32(size or 0xffffffff)
        assert tag == constructed(14)
        view, first = items.open(tag), self.first
        slot, used, unused, self.first = view.number(), view.get(OCTETS), view.number(), b''
        assert not view.more() and len(used) % 16 == 0
        return first + be32(slot) + be16(len(used) // 16) + be16(unused) + used


class Bitmap:
    """Items of `dirty-bitmap`."""

    END = b'\1'

    def item(self, tag, items):
        view = items.open(tag)
        flags, octets = {constructed(15): 0x10, constructed(16): 0x40, constructed(17): 0x20}[tag], b''
        for number, flag in ((0, 8), (1, 4)):
            if view.next_is(constructed(number)):
                flags |= flag
                octets += name(view.explicit(constructed(number), UTF8))
        if tag == constructed(15):
            octets += be32(view.number()) + bytes([view.number()])
        elif tag == constructed(16):
            octets += be64(view.number()) + be32(view.number())
            if view.more():
                bits = view.get(OCTETS)
                octets += be64(len(bits)) + bits
            else:
                flags |= 2
        assert not view.more()
        return bytes([flags]) + octets


class Other:
    """All other live sections have octets only."""

    END = b''


# ---- 4 The frame, 5 Records, 8 what they become

MAGIC = bytes.fromhex('30 80 06 14 69 81 bc 9f 9e 96 c1 b7 ea b1 c5 9a a2 98 c8 d5 92 b5 92 47')
OPEN, BARE = 0, 1


class Decoder:
    """`known`: the Schema records of a description, by their digest (5.16)."""

    def __init__(self, octets, known=None, ram=None):
        self.octets, self.out, self.known = octets, [], known or {}
        self.described = b''       # all Schema records of this stream
        self.schemas, self.devices, self.announced = [], [], False
        self.live, self.ram = {}, ram or Ram()
        self.ends = []             # (octets, digest) of each channel
        self.page_channels = []    # of the origin
        self.indexes = []          # (position, level, entries) of each Index record
        self.open = None           # id of a section that goes on in the next record
        self.last_octets = False   # its last item was octets
        self.digest = 0

    def _record(self, at):
        """Tag number, members and end of the record at `at`."""
        view = View(self.octets, at)
        tag = self.octets[at]
        content = view.get(tag)
        covered = view.at - 6
        whole = xxh3(self.octets[at:covered])
        assert tag & 0xe0 == 0x60
        assert self.octets[covered:view.at] == b'\4\4' + be32(whole & 0xffffffff)
        self.digest = xxh3(be64(self.digest) + be64(whole))
        return tag & 0x1f, View(content[:-6]), view.at

    def decode(self):
        assert self.octets.startswith(MAGIC)
        tag, view, at = self._record(len(MAGIC))
        assert tag == 0 and self.octets[at:at + 2] == b'\x30\x80'
        self._preamble(view)
        at, count = at + 2, 0
        while self.octets[at]:
            start, (tag, view, at) = at, self._record(at)
            beside = tag == 28 and self.live.get(self.open) is self.ram
            assert self.open is None or tag in (7, 12, 15, 27, 29) or beside
            assert not self.indexes or tag == 27
            self.described += self.octets[start:at] if tag == 2 else b''
            self.out.append(self.RECORDS[tag](self, view))
            count += 1
        assert self.octets[at:at + 2] == b'\0\0'
        self._trailer(at + 2, count)
        return b''.join(self.out)

    def _trailer(self, end, count):
        digest = self.digest       # does not cover the trailer
        tag, view, at = self._record(end)
        assert tag == 16 and view.number() == count and view.number() == end
        assert view.get(OCTETS) == be64(digest) and not view.more()
        assert self.octets[at:] == b'\0\0'
        self.end = end, be64(digest)

    def _preamble(self, view):
        major, _, direction = view.number(), view.number(), view.number(ENUMERATED)
        assert major == 1 and direction == 0
        view.get(UTF8)
        version = view.optional_number(context(0), 3)
        if view.next_is(constructed(1)):
            self.out.append(view.explicit(constructed(1), OCTETS))
        if view.next_is(constructed(2)):
            self._outcome(view.open(constructed(2)))
        self.out.append(b'QEVM' + be32(version))

    @staticmethod
    def _capabilities(view):
        capabilities = view.open(SEQUENCE)
        while capabilities.more():
            capability = capabilities.open(SEQUENCE)
            capability.get(UTF8)
            parameters = capability.open(SEQUENCE)
            while parameters.more():
                parameters.get(UTF8)
            assert not capability.more()
        assert not view.more()

    def _outcome(self, view):
        view.get(UTF8), view.get(UTF8)
        self._capabilities(view)

    def _hello(self, view):
        versions = view.open(SEQUENCE)
        while versions.more():
            versions.number()
        self._capabilities(view)
        return b''

    def _configuration(self, view):
        def subsection(what):
            return b'\5' + name(b'configuration/' + what) + be32(1)

        machine = view.get(UTF8)
        octets = b'\7' + be32(len(machine)) + machine
        if view.next_is(context(0)):
            octets += subsection(b'target-page-bits') + be32(view.number(context(0)))
        if view.next_is(constructed(1)):
            capabilities, names = view.open(constructed(1)), []
            while capabilities.more():
                names.append(name(capabilities.get(UTF8)))
            plain = [one for one in names if one != name(b'mapped-ram')]
            if plain or not names:
                octets += subsection(b'capabilities') + be32(len(plain)) + b''.join(plain)
        if view.next_is(constructed(2)):
            octets += subsection(b'uuid') + view.explicit(constructed(2), OCTETS)
        return octets

    def _schema(self, view):
        self.schemas.append(Schema(view, self.schemas))
        return b''

    def _known(self, view):
        count, digest = view.number(), view.get(OCTETS)
        assert len(digest) == 32 and not self.schemas and not view.more()
        records = View(self.known[digest])
        while records.more():
            self._schema(View(records.get(0x62)[:-6]))
        assert len(self.schemas) == count
        return b''

    @staticmethod
    def _check(view):
        assert not view.more()
        return b''

    def _announce(self, view):
        view.get(UTF8), view.number(), view.number()
        if view.next_is(context(0)):
            assert view.number(context(0)) < len(self.schemas)
        assert not view.more()
        self.announced = True
        return b''

    @staticmethod
    def _section_head(view):
        """(id, name, instance, version) as they are, and their octets."""
        head = view.number(), view.get(UTF8), view.number(), view.number()
        return head, be32(head[0]) + name(head[1]) + be32(head[2]) + be32(head[3])

    def _device(self, view):
        (number, section, instance, _), head = self._section_head(view)
        schema = self.schemas[view.number(context(0))] if view.next_is(context(0)) else None
        state = view.optional_number(context(1))
        if view.next_is(constructed(2)):
            body = view.explicit(constructed(2), OCTETS)
        else:
            body = members(schema, view.open(constructed(3)))
        self.devices.append((section, instance, schema, len(body)))
        return b'\4' + head + body + (b'' if state == BARE else b'\x7e' + be32(number))

    def _start(self, view):
        (number, section, _, version), head = self._section_head(view)
        self.live[number] = (self.ram if (section, version) == (b'ram', 4)
                             else Block() if (section, version) == (b'block', 1)
                             else Hash() if (section, version) == (b'spapr/htab', 1)
                             else Bitmap() if (section, version) == (b'dirty-bitmap', 1)
                             else Other())
        return b'\1' + head + self._items(number, view)

    def _part(self, view):
        number = view.number()
        return b'\2' + be32(number) + self._items(number, view)

    def _end(self, view):
        number = view.number()
        return b'\3' + be32(number) + self._items(number, view)

    def _more(self, view):
        number = view.number()
        assert number == self.open
        return self._items(number, view)

    def _items(self, number, view):
        section, items, octets = self.live[number], view.open(SEQUENCE), []
        if self.open is None:
            self.last_octets = False
            if isinstance(section, Hash):
                section.begin()
        while items.more():
            self.last_octets = items.next_is(constructed(0))
            octets.append(items.explicit(constructed(0), OCTETS) if self.last_octets
                          else section.item(items.octets[items.at], items))
        state = view.optional_number(context(1))
        self.open = number if state == OPEN else None
        if state != OPEN and not self.last_octets:
            octets.append(section.END)
        if state is None:
            octets.append(b'\x7e' + be32(number))
        return b''.join(octets)

    def _command(self, view):
        code, data = view.number(), view.get(OCTETS)
        return b'\x08' + be16(code) + be16(4 if code == 7 and len(data) >= 4 else len(data)) + data

    def _package(self, view):
        return b'\x08' + be16(7) + be16(4) + be32(view.number())

    def _package_end(self, _):
        return b''

    def _finish(self, view):
        assert self.devices or self.live or not self.announced
        if view.next_is(constructed(0)):
            text = self._derived(view.open(constructed(0)))
        elif view.next_is(constructed(1)):
            text = zstd_data(view.open(constructed(1)))
        else:
            return b'\0'
        return b'\0\6' + be32(len(text)) + text

    def _derived(self, view):
        style, page_size = view.number(ENUMERATED), view.number()
        number = view.optional_number(context(0))
        configuration = None if number is None else self.schemas[number]
        return Description(style, page_size, configuration, self.devices).text

    def _remainder(self, view):
        view.number(ENUMERATED)
        self.open = None
        return view.get(OCTETS)

    def _extension(self, view):
        view.number()
        assert view.get(BOOLEAN) == b'\0'
        return b''

    def _index(self, view):
        level = view.number()
        view.optional_number(context(0))
        if view.next_is(constructed(1)):
            list(Ram()._take_blocks(view.open(constructed(1))))
        entries, rows = view.open(constructed(3 if level else 2)), []
        while entries.more():
            entry = entries.open(SEQUENCE)
            row = [entry.number(), entry.number(), entry.number()]
            if not level:
                row += [entry.optional_number(context(0)), entry.optional_number(context(1))]
                row.append(entry.next_is(context(2)) and entry.get(context(2)) == b'')
            assert not entry.more() and (not rows or rows[-1][:2] < row[:2])
            rows.append(row)
        position = int.from_bytes(view.get(OCTETS), 'big')
        assert self.octets[position] == 0x7b and not view.more()
        assert not self.indexes or self.indexes[-1][0] < position
        self.indexes.append((position, level, rows))
        return b''

    def _channel_ends(self, view):
        ends = view.open(SEQUENCE)
        while ends.more():
            one = ends.open(SEQUENCE)
            self.ends.append((one.number(), one.get(OCTETS)))
            assert not one.more()
        assert not view.more()
        return b''

    def _channel(self, view):
        number, item = view.number(), view.octets[view.at]
        assert number <= len(self.page_channels) and number < 256
        if number == len(self.page_channels):
            self.page_channels.append(PageChannel())
        channel = self.page_channels[number]
        assert item == constructed(0) or not channel.only_octets
        if item == constructed(0):
            channel.only_octets = True
            channel.octets += view.explicit(item, OCTETS)
        elif item == constructed(1):
            inner = view.open(item)
            channel.initial(inner.number(), inner.get(OCTETS))
        elif item == constructed(3):
            inner = view.open(item)
            channel.state(inner.number(), inner.get(UTF8), inner.number(), inner.get(OCTETS))
        else:
            self._packet(channel, view.open(constructed(2)))
        assert not view.more()
        return b''

    def _packet(self, channel, view):
        flags, counter, page_size = view.number(), view.number(), view.number()
        allocated, pages = view.optional_number(context(0)), None
        kept = view.next_is(context(1)) and view.get(context(1)) == b''
        header = view.explicit(constructed(2), OCTETS) if view.next_is(constructed(2)) else None
        if view.next_is(constructed(3)):
            inner = view.open(constructed(3))
            block, page = self.ram.blocks[inner.number()], inner.number()
            pages = *block, list(map_runs(inner.get(OCTETS), page)), page_data(inner)
        assert not view.more()
        channel.packet(flags, counter, page_size, allocated, kept, header, pages)

    RECORDS = {1: _configuration, 2: _schema, 3: _device, 4: _start, 5: _part, 6: _end, 7: _more,
               8: _command, 9: _package, 10: _package_end, 11: _finish, 12: _remainder,
               15: _extension, 17: _hello, 18: _check, 20: _announce, 27: _index,
               28: _channel, 29: _channel_ends, 30: _known}


def decode(octets):
    return Decoder(octets).decode()


# ---- 5.17 Parallel channels

def decode_channels(octets, channels):
    """The stream and those of its channels, all whole, put together."""
    decoders = [Decoder(channel, ram=Channel()) for channel in channels]
    for decoder in decoders:
        decoder.decode()
    whole = Decoder(octets, ram=Ram([decoder.ram for decoder in decoders]))
    origin = whole.decode()
    assert whole.ends == [decoder.end for decoder in decoders]
    assert not any(decoder.ram.met or decoder.ram.kept for decoder in decoders)
    return origin


# ---- 5.15 Files with an index

def ranges(octets):
    """(block, page, count, record, data, encoded) of all ranges, by way of the root."""
    decoder = Decoder(octets)
    decoder.decode()
    nodes = {position: (level, rows) for position, level, rows in decoder.indexes}

    def walk(position):
        level, rows = nodes[position]
        for row in rows:
            if level:
                assert nodes[row[2]][0] == level - 1
            yield from walk(row[2]) if level else [tuple(row)]

    return list(walk(decoder.indexes[-1][0]))


# ---- 5.14 Sessions

OPEN_FRAME, DATA_FRAME, HEARTBEAT_FRAME, RESUME_FRAME, CLOSE_FRAME = range(0x75, 0x7a)


class Frame:
    """One frame: `tag`, and those of its members that it has."""

    def __init__(self, tag, view):
        self.tag = tag
        if tag in (OPEN_FRAME, RESUME_FRAME):
            self.token = view.get(OCTETS)
            assert 16 <= len(self.token) <= 64
        if tag == OPEN_FRAME:
            self.stall, self.resume, self.window = view.number(), view.number(), view.number()
            assert self.window >= 1 << 20
        if tag in (DATA_FRAME, CLOSE_FRAME):
            self.position = view.number()
        if tag == DATA_FRAME:
            self.data = view.get(OCTETS)
            assert 1 <= len(self.data) <= 262144
        if tag in (HEARTBEAT_FRAME, RESUME_FRAME, CLOSE_FRAME):
            self.received = view.number()
        if tag == CLOSE_FRAME:
            self.gone = {b'\xff': True, b'\0': False}[view.get(BOOLEAN)]
        assert not view.more()


def frame_size(octets):
    """The octets of the frame that these begin with; more of them are needed if it is larger."""
    if len(octets) < 2:
        return 2
    head = 2 + (octets[1] & 0x7f if octets[1] & 0x80 else 0)
    if len(octets) < head:
        return head
    body = int.from_bytes(octets[2:head], 'big') if head > 2 else octets[1]
    assert octets[0] in range(OPEN_FRAME, CLOSE_FRAME + 1) and head + body <= 262272
    return head + body


def read_frame(octets):
    """Of all these octets."""
    view = View(octets)
    content = view.get(octets[0])
    covered = len(octets) - 6
    assert not view.more()
    assert octets[covered:] == b'\4\4' + be32(xxh3(octets[:covered]) & 0xffffffff)
    return Frame(octets[0], View(content[:-6]))


def make_frame(tag, members):
    """The octets of a frame with these members, which are encoded already."""
    length = len(members) + 6
    octets = bytes([tag]) + (bytes([length]) if length < 0x80 else minimal(length)) + members
    return octets + b'\4\4' + be32(xxh3(octets) & 0xffffffff)


def minimal(length):
    octets = length.to_bytes((length.bit_length() + 7) // 8, 'big')
    return bytes([0x80 | len(octets)]) + octets
