/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber.h"
#include "limits.h"

/* Groups of 7 bits that a tag number may take, X.690 8.1.2.4.2. */
#define TAG_GROUPS 4
/* Octets of a length behind the first one, X.690 8.1.3.5. */
#define LENGTH_OCTETS 8

BmView bm_view(const void *data, size_t len, uint64_t offset, BmFault *fault)
{
    /* An empty view may come with NULL; arithmetic on it would be undefined. */
    const void *start = data != NULL ? data : "";

    return (BmView){start, len, offset, fault, false};
}

/* The bounds check.  `code` and `offset` say what to report if it fails. */
static bool take(BmView *view, uint64_t len, BmCode code, uint64_t offset, const char *what,
                 const uint8_t **out)
{
    if (view->fault->code != BM_OK) {
        return false;
    }
    if (len > view->len) {
        bm_fault_set(view->fault, code, offset, what, len, view->len);
        return false;
    }
    *out = view->data;
    view->data += len;
    view->len -= (size_t)len;
    view->offset += len;
    return true;
}

bool bm_view_take(BmView *view, size_t len, const char *what, const uint8_t **out)
{
    return take(view, len, BM_TRUNCATED, view->offset + view->len, what, out);
}

/* ---- identifier and length octets ---- */

/* A tag number in the high form, X.690 8.1.2.4.  The form is for numbers from
 * 31 only, and its first group is never zero, so each number has one form. */
static bool read_high_number(BmView *view, const char *what, uint32_t *number)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < TAG_GROUPS; i++) {
        const uint8_t *p;

        if (!bm_view_take(view, 1, what, &p)) {
            return false;
        }
        value = value << 7 | (*p & 0x7fu);
        if (value == 0) {
            return false;
        }
        if (!(*p & 0x80)) {
            *number = value;
            return value > 30;
        }
    }
    return false;
}

/* Class and form, X.690 8.1.2.2 and 8.1.2.5. */
static BmTag tag_head(uint8_t first)
{
    return (BmTag)(first >> 6) << 30 | ((first & 0x20) ? BM_CONSTRUCTED : 0);
}

/* Identifier octets, X.690 8.1.2.  `expected` is for the fault only. */
static bool read_tag(BmView *view, const char *what, BmTag expected, BmTag *out)
{
    uint64_t offset = view->offset;
    const uint8_t *p;

    if (!bm_view_take(view, 1, what, &p)) {
        return false;
    }
    BmTag head = tag_head(*p);
    uint32_t number = *p & 0x1fu;
    bool good = number != 0x1f || read_high_number(view, what, &number);

    /* Universal 0 is kept for end-of-contents octets (8.1.5), which cannot occur
     * inside a definite length. */
    if (!good || ((head & ~BM_CONSTRUCTED) == 0 && number == 0)) {
        return bm_fault_set(view->fault, BM_BAD_TAG, offset, what, expected, head | number);
    }
    *out = head | number;
    return true;
}

/* Length octets, X.690 8.1.3, definite and in the fewest octets (10.1). */
static bool read_length(BmView *view, const char *what, uint64_t *out)
{
    uint64_t offset = view->offset;
    uint64_t value = 0;
    const uint8_t *p;

    if (!bm_view_take(view, 1, what, &p)) {
        return false;
    }
    if (*p < 0x80) {
        *out = *p;
        return true;
    }
    size_t count = *p & 0x7fu;
    if (count == 0 || count > LENGTH_OCTETS) {
        return bm_fault_set(view->fault, BM_BAD_LENGTH, offset, what, LENGTH_OCTETS, *p);
    }
    if (!bm_view_take(view, count, what, &p)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        value = value << 8 | p[i];
    }
    if (p[0] == 0 || value < 0x80) {
        return bm_fault_set(view->fault, BM_BAD_LENGTH, offset, what, count - 1, count);
    }
    *out = value;
    return true;
}

bool bm_view_header(BmView *view, const char *what, BmTag *tag, uint64_t *len)
{
    BmView v = *view;
    BmTag t;

    if (!read_tag(&v, what, 0, &t) || !read_length(&v, what, len)) {
        return false;
    }
    *tag = t;
    *view = v;
    return true;
}

/* Length octets and content.  A length that points out of the view is wrong
 * itself, so the fault is at its octets and not at the end of the view; unless
 * the view is known to be cut: then a constructed value is what is there of it. */
static bool read_content(BmView *view, const char *what, BmTag tag, BmView *content)
{
    uint64_t offset = view->offset;
    const uint8_t *p;
    uint64_t len;

    if (!read_length(view, what, &len)) {
        return false;
    }
    uint64_t start = view->offset;
    bool cut = view->cut && len > view->len;
    if (cut && (tag & BM_CONSTRUCTED)) {
        len = view->len;
    }
    if (!take(view, len, view->cut ? BM_TRUNCATED : BM_BAD_LENGTH,
              view->cut ? start + view->len : offset, what, &p)) {
        return false;
    }
    *content = (BmView){p, (size_t)len, start, view->fault, cut};
    return true;
}

/* ---- elements ---- */

/* Most elements: one identifier octet, one length octet, and all of the content is
 * there.  false, and nothing moves, if it is another one; what is wrong with it the
 * long way says. */
static bool get_short(BmView *view, BmTag tag, BmView *content)
{
    uint32_t number = tag & (BM_CONSTRUCTED - 1);
    uint32_t first = tag >> 30 << 6 | (tag & BM_CONSTRUCTED ? 0x20 : 0) | number;

    if (view->fault->code != BM_OK || number == 0 || number > 30 || view->len < 2 ||
        view->data[0] != first || view->data[1] >= 0x80 || view->data[1] > view->len - 2) {
        return false;
    }
    *content = (BmView){view->data + 2, view->data[1], view->offset + 2, view->fault, false};
    view->data += 2 + content->len;
    view->len -= 2 + content->len;
    view->offset += 2 + content->len;
    return true;
}

bool bm_view_peek(const BmView *view, BmTag *tag)
{
    const uint8_t *p = view->data;

    if (view->fault->code != BM_OK) {
        return false;
    }
    if (view->len > 0 && (*p & 0x1f) != 0x1f && (*p & ~0x20) != 0) { /* nearly all */
        *tag = tag_head(*p) | (*p & 0x1fu);
        return true;
    }
    BmFault ignored = {0};
    BmView v = *view;

    v.fault = &ignored;
    return read_tag(&v, NULL, 0, tag);
}

bool bm_view_any(BmView *view, const char *what, BmTag *tag, BmView *content)
{
    BmView v = *view;
    BmTag t;

    if (!read_tag(&v, what, 0, &t) || !read_content(&v, what, t, content)) {
        return false;
    }
    *tag = t;
    *view = v;
    return true;
}

bool bm_view_get(BmView *view, BmTag tag, const char *what, BmView *content)
{
    if (get_short(view, tag, content)) {
        return true;
    }
    BmView v = *view;
    BmTag t;

    if (!read_tag(&v, what, tag, &t)) {
        return false;
    }
    if (t != tag) {
        return bm_fault_set(view->fault, BM_BAD_TAG, view->offset, what, tag, t);
    }
    if (!read_content(&v, what, t, content)) {
        return false;
    }
    *view = v;
    return true;
}

bool bm_view_optional(BmView *view, BmTag tag, const char *what, bool *present, BmView *content)
{
    BmTag next;

    if (view->fault->code != BM_OK) {
        return false;
    }
    if (!bm_view_peek(view, &next) || next != tag) {
        *present = false;
        return true;
    }
    if (!bm_view_get(view, tag, what, content)) {
        return false;
    }
    *present = true;
    return true;
}

bool bm_view_end(BmView *view, const char *what)
{
    if (view->fault->code != BM_OK) {
        return false;
    }
    if (view->len > 0) {
        return bm_fault_set(view->fault, BM_TRAILING, view->offset, what, 0, view->len);
    }
    if (view->cut) {
        return bm_fault_set(view->fault, BM_TRUNCATED, view->offset, what, 1, 0);
    }
    return true;
}

/* ---- typed elements ---- */

static bool bad_value(const BmView *content, const char *what)
{
    uint64_t first = content->len > 0 ? content->data[0] : 0;

    return bm_fault_set(content->fault, BM_BAD_VALUE, content->offset, what, 0, first);
}

/* BER lets any octet but 00 stand for TRUE (X.690 8.2.2); this format has one
 * form for each value, so only FF does (11.1). */
bool bm_view_boolean(BmView *view, BmTag tag, const char *what, bool *out)
{
    BmView v = *view;
    BmView content;

    if (!bm_view_get(&v, tag, what, &content)) {
        return false;
    }
    if (content.len != 1 || (content.data[0] != 0x00 && content.data[0] != 0xff)) {
        return bad_value(&content, what);
    }
    *out = content.data[0] == 0xff;
    *view = v;
    return true;
}

/* True if the first nine bits are not all the same, X.690 8.3.2. */
static bool integer_minimal(const uint8_t *p, size_t len)
{
    if (len < 2) {
        return len == 1;
    }
    return !(p[0] == 0x00 && p[1] < 0x80) && !(p[0] == 0xff && p[1] >= 0x80);
}

static bool get_integer(BmView *view, BmTag tag, const char *what, BmView *content)
{
    if (!bm_view_get(view, tag, what, content)) {
        return false;
    }
    return integer_minimal(content->data, content->len) || bad_value(content, what);
}

bool bm_view_unsigned(BmView *view, BmTag tag, const char *what, uint64_t max, uint64_t *out)
{
    BmView v = *view;
    BmView content;
    uint64_t value = 0;

    if (!get_integer(&v, tag, what, &content)) {
        return false;
    }
    /* The ninth octet of a value above INT64_MAX is a sign octet of zeros. */
    if (content.data[0] >= 0x80 || content.len > 9 || (content.len == 9 && content.data[0] != 0)) {
        return bad_value(&content, what);
    }
    for (size_t i = 0; i < content.len; i++) {
        value = value << 8 | content.data[i];
    }
    if (value > max) {
        return bm_fault_set(view->fault, BM_LIMIT, content.offset, what, max, value);
    }
    *out = value;
    *view = v;
    return true;
}

bool bm_view_signed(BmView *view, BmTag tag, const char *what, int64_t *out)
{
    BmView v = *view;
    BmView content;

    if (!get_integer(&v, tag, what, &content)) {
        return false;
    }
    if (content.len > 8) {
        return bad_value(&content, what);
    }
    uint64_t value = content.data[0] >= 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < content.len; i++) {
        value = value << 8 | content.data[i];
    }
    *out = (int64_t)value;
    *view = v;
    return true;
}

bool bm_view_null(BmView *view, BmTag tag, const char *what)
{
    BmView v = *view;
    BmView content;

    if (!bm_view_get(&v, tag, what, &content)) {
        return false;
    }
    if (content.len != 0) { /* X.690 8.8.2 */
        return bad_value(&content, what);
    }
    *view = v;
    return true;
}

/* Octets of the UTF-8 sequence at the start of p (RFC 3629, section 4), 0 if
 * there is no valid one.  NUL counts as invalid. */
static size_t utf8_sequence(const uint8_t *p, size_t len)
{
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    size_t n;

    if (p[0] >= 0x01 && p[0] <= 0x7f) {
        return 1;
    }
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        n = 2;
    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        n = 3;
        low = p[0] == 0xe0 ? 0xa0 : low;   /* shorter forms exist below */
        high = p[0] == 0xed ? 0x9f : high; /* surrogates above */
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        n = 4;
        low = p[0] == 0xf0 ? 0x90 : low;
        high = p[0] == 0xf4 ? 0x8f : high; /* U+10FFFF is the last one */
    } else {
        return 0;
    }
    if (len < n || p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return n;
}

/* How many octets at the start of `data` are valid. */
static size_t utf8_prefix(const uint8_t *data, size_t len)
{
    size_t at = 0;

    while (at < len) {
        size_t n = utf8_sequence(data + at, len - at);
        if (n == 0) {
            break;
        }
        at += n;
    }
    return at;
}

bool bm_utf8_valid(const uint8_t *data, size_t len)
{
    return utf8_prefix(data, len) == len;
}

static bool check_utf8(const BmView *content, const char *what)
{
    size_t good = utf8_prefix(content->data, content->len);

    if (good < content->len) {
        return bm_fault_set(content->fault, BM_BAD_VALUE, content->offset + good, what, 0,
                            content->data[good]);
    }
    return true;
}

/* An OCTET STRING, or with `utf8` a UTF8String, in the primitive form (X.690
 * 10.2: the constructed one has another tag here). */
static bool get_string(BmView *view, BmTag tag, bool utf8, const char *what, size_t max,
                       BmOctets *out)
{
    BmView v = *view;
    BmView content;

    if (!bm_view_get(&v, tag, what, &content)) {
        return false;
    }
    if (content.len > max) {
        return bm_fault_set(view->fault, BM_LIMIT, content.offset, what, max, content.len);
    }
    if (utf8 && !check_utf8(&content, what)) {
        return false;
    }
    *out = (BmOctets){content.data, content.len};
    *view = v;
    return true;
}

bool bm_view_octets(BmView *view, BmTag tag, const char *what, size_t max, BmOctets *out)
{
    return get_string(view, tag, false, what, max, out);
}

bool bm_view_name(BmView *view, BmTag tag, const char *what, BmOctets *out)
{
    return get_string(view, tag, true, what, BM_LIMIT_NAME, out);
}

bool bm_view_explicit(BmView *view, BmTag tag, BmTag inner, const char *what, size_t max,
                      BmOctets *out)
{
    BmView v = *view;
    BmView content;
    BmOctets octets;

    /* X.690 8.14.3: an explicit tag is always constructed. */
    if (!bm_view_get(&v, tag | BM_CONSTRUCTED, what, &content) ||
        !get_string(&content, inner, inner == BM_TAG_UTF8, what, max, &octets) ||
        !bm_view_end(&content, what)) {
        return false;
    }
    *out = octets;
    *view = v;
    return true;
}
