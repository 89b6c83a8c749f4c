/* SPDX-License-Identifier: BSD-2-Clause */
#include "session-frame.h"

#include "limits.h"
#include "record.h"

/* ---- writing ---- */

static void put_open(BmWriter *w, const BmFrame *frame)
{
    bm_writer_octets(w, BM_TAG_OCTETS, frame->token.data, frame->token.len);
    bm_writer_unsigned(w, BM_TAG_INTEGER, frame->stall);
    bm_writer_unsigned(w, BM_TAG_INTEGER, frame->resume);
    bm_writer_unsigned(w, BM_TAG_INTEGER, frame->window);
}

static void put_data(BmWriter *w, const BmFrame *frame)
{
    bm_writer_unsigned(w, BM_TAG_INTEGER, frame->position);
    bm_writer_borrow(w, BM_TAG_OCTETS, frame->data.data, frame->data.len);
}

static void put_heartbeat(BmWriter *w, const BmFrame *frame)
{
    bm_writer_unsigned(w, BM_TAG_INTEGER, frame->received);
}

static void put_resume(BmWriter *w, const BmFrame *frame)
{
    bm_writer_octets(w, BM_TAG_OCTETS, frame->token.data, frame->token.len);
    bm_writer_unsigned(w, BM_TAG_INTEGER, frame->received);
}

static void put_close(BmWriter *w, const BmFrame *frame)
{
    bm_writer_unsigned(w, BM_TAG_INTEGER, frame->position);
    bm_writer_unsigned(w, BM_TAG_INTEGER, frame->received);
    bm_writer_boolean(w, BM_TAG_BOOLEAN, frame->gone);
}

/* ---- reading ---- */

static bool get_number(BmView *body, const char *what, uint64_t *out)
{
    return bm_view_unsigned(body, BM_TAG_INTEGER, what, UINT64_MAX, out);
}

static bool get_token(BmView *body, BmFrame *frame)
{
    static const char what[] = "token";

    if (!bm_view_octets(body, BM_TAG_OCTETS, what, BM_LIMIT_TOKEN_MAX, &frame->token)) {
        return false;
    }
    return frame->token.len >= BM_LIMIT_TOKEN_MIN ||
           bm_fault_set(body->fault, BM_BAD_VALUE, body->offset - frame->token.len, what,
                        BM_LIMIT_TOKEN_MIN, frame->token.len);
}

static bool get_open(BmView *body, BmFrame *frame)
{
    if (!get_token(body, frame) || !get_number(body, "stall", &frame->stall) ||
        !get_number(body, "resume", &frame->resume) ||
        !get_number(body, "window", &frame->window)) {
        return false;
    }
    return frame->window >= BM_LIMIT_WINDOW_MIN ||
           bm_fault_set(body->fault, BM_LIMIT, body->offset, "window", BM_LIMIT_WINDOW_MIN,
                        frame->window);
}

static bool get_data(BmView *body, BmFrame *frame)
{
    if (!get_number(body, "position", &frame->position) ||
        !bm_view_octets(body, BM_TAG_OCTETS, "data", BM_LIMIT_FRAME_DATA, &frame->data)) {
        return false;
    }
    return frame->data.len > 0 ||
           bm_fault_set(body->fault, BM_BAD_VALUE, body->offset, "data", 1, 0);
}

static bool get_heartbeat(BmView *body, BmFrame *frame)
{
    return get_number(body, "received", &frame->received);
}

static bool get_resume(BmView *body, BmFrame *frame)
{
    return get_token(body, frame) && get_number(body, "received", &frame->received);
}

static bool get_close(BmView *body, BmFrame *frame)
{
    return get_number(body, "position", &frame->position) &&
           get_number(body, "received", &frame->received) &&
           bm_view_boolean(body, BM_TAG_BOOLEAN, "gone", &frame->gone);
}

/* ---- both ---- */

typedef struct FrameOps {
    const char *name;
    void (*put)(BmWriter *w, const BmFrame *frame);
    bool (*get)(BmView *body, BmFrame *frame);
} FrameOps;

static const FrameOps frames[] = {
    [BM_FRAME_OPEN - BM_FRAME_OPEN] = {"open", put_open, get_open},
    [BM_FRAME_DATA - BM_FRAME_OPEN] = {"data", put_data, get_data},
    [BM_FRAME_HEARTBEAT - BM_FRAME_OPEN] = {"heartbeat", put_heartbeat, get_heartbeat},
    [BM_FRAME_RESUME - BM_FRAME_OPEN] = {"resume", put_resume, get_resume},
    [BM_FRAME_CLOSE - BM_FRAME_OPEN] = {"close", put_close, get_close},
};

static const FrameOps *ops_of(BmFrameType type)
{
    return &frames[type - BM_FRAME_OPEN];
}

void bm_frame_put(BmWriter *w, const BmFrame *frame)
{
    bm_writer_open(w, BM_TAG_RECORD(frame->type));
    ops_of(frame->type)->put(w, frame);
    bm_record_close(w);
}

/* The tags of frames take one octet. */
static bool check_tag(uint8_t octet, uint64_t offset, BmFault *fault)
{
    const uint8_t last = BM_FRAME_OPEN_OCTET + BM_FRAME_CLOSE - BM_FRAME_OPEN;

    return (octet >= BM_FRAME_OPEN_OCTET && octet <= last) ||
           bm_fault_set(fault, BM_UNKNOWN, offset, "frame", BM_FRAME_OPEN_OCTET, octet);
}

/* Octets of tag and length, as the second octet says; wrong forms are left to
 * bm_view_header(), which needs no more to refuse them. */
static size_t header_octets(uint8_t length)
{
    return length > 0x80 && length <= 0x84 ? 2 + (length & 0x7fu) : 2;
}

size_t bm_frame_size(const uint8_t *data, size_t len, uint64_t offset, BmFault *fault)
{
    if (len > 0 && !check_tag(data[0], offset, fault)) {
        return 0;
    }
    size_t header = len < 2 ? 2 : header_octets(data[1]);
    if (len < header) {
        return header;
    }
    BmView view = bm_view(data, header, offset, fault);
    uint64_t body;
    BmTag tag;
    if (!bm_view_header(&view, "frame", &tag, &body)) {
        return 0;
    }
    if (body > BM_LIMIT_FRAME - header) {
        bm_fault_set(fault, BM_LIMIT, offset + 1, "frame", BM_LIMIT_FRAME, body);
        return 0;
    }
    if (body < BM_SUM_MEMBER_LEN) {
        bm_fault_set(fault, BM_BAD_LENGTH, offset + 1, "frame", BM_SUM_MEMBER_LEN, body);
        return 0;
    }
    return header + (size_t)body;
}

bool bm_frame_get(const uint8_t *data, size_t size, uint64_t offset, BmFrame *frame, BmFault *fault)
{
    BmFrame f = {.type = (BmFrameType)(data[0] & 0x1f)};
    size_t header = header_octets(data[1]);
    uint64_t hash;
    BmView body = bm_view(data + header, size - header - BM_SUM_MEMBER_LEN, offset + header, fault);

    if (!bm_record_check(data, size, offset, &hash, fault) || !ops_of(f.type)->get(&body, &f)) {
        return false;
    }
    /* Optional members of later versions, with context-specific tags. */
    while (body.len > 0 && body.data[0] >= 0x80) {
        BmView member;
        BmTag tag;

        if (!bm_view_any(&body, "member", &tag, &member)) {
            return false;
        }
    }
    if (!bm_view_end(&body, ops_of(f.type)->name)) {
        return false;
    }
    *frame = f;
    return true;
}
