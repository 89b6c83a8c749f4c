/* SPDX-License-Identifier: BSD-2-Clause */
#include "answers.h"

#include <string.h>
#include <sys/socket.h>

#include "stream-pass.h"

/* QEMU's commands, and its messages back. */
#define OPEN_RETURN_PATH 1
#define PING 2
#define SHUT 1
#define PONG 2

typedef struct Answers {
    BmStreamPass pass;
    int fd;
    gboolean open;
} Answers;

static Answers *self(BmStreamVisitor *s)
{
    return (Answers *)s;
}

/* Both messages have a number of four octets. */
static void answer(const Answers *a, unsigned type, const uint8_t number[4])
{
    uint8_t message[8] = {0, (uint8_t)type, 0, 4};

    memcpy(message + 4, number, 4);
    if (send(a->fd, message, sizeof message, MSG_NOSIGNAL) < 0) {
        return; /* reading from it will tell */
    }
}

static gboolean command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    Answers *a = self(s);

    a->open |= code == OPEN_RETURN_PATH;
    if (a->open && code == PING && data.len == 4) {
        answer(a, PONG, data.data);
    }
    return bm_stream_pass_command(s, code, data, error);
}

static gboolean finish(BmStreamVisitor *s, const BmDescription *description, GError **error)
{
    static const uint8_t loaded[4];
    const Answers *a = self(s);

    if (a->open && a->pass.packages == 0) {
        answer(a, SHUT, loaded);
    }
    return bm_stream_pass_finish(s, description, error);
}

static const BmStreamOps answers_ops = {
    .otherwise = &bm_stream_pass_ops,
    .command = command,
    .finish = finish,
    .free = bm_stream_pass_free,
};

BmStreamVisitor *bm_answers_stream(BmStreamVisitor *inner, int fd)
{
    Answers *a = g_new0(Answers, 1);

    a->pass.base.ops = &answers_ops;
    a->pass.inner = inner;
    a->fd = fd;
    return &a->pass.base;
}
