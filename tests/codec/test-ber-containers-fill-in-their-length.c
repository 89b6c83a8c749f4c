/* SPDX-License-Identifier: BSD-2-Clause */
/* The writer learns a container's length when it is closed; a plain encoder that
 * works from the inside out must give the same octets. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

typedef struct Flat {
    uint8_t *data;
    size_t len;
} Flat;

static void flat_add(Flat *flat, const void *data, size_t len)
{
    flat->data = realloc(flat->data, flat->len + len + 1);
    memcpy(flat->data + flat->len, data, len);
    flat->len += len;
}

static void flat_header(Flat *flat, uint8_t tag, size_t len)
{
    uint8_t header[10] = {tag};
    size_t n = 1;

    if (len < 0x80) {
        header[n++] = (uint8_t)len;
    } else if (len < 0x100) {
        header[n++] = 0x81;
        header[n++] = (uint8_t)len;
    } else if (len < 0x10000) {
        header[n++] = 0x82;
        header[n++] = (uint8_t)(len >> 8);
        header[n++] = (uint8_t)len;
    } else {
        header[n++] = 0x83;
        header[n++] = (uint8_t)(len >> 16);
        header[n++] = (uint8_t)(len >> 8);
        header[n++] = (uint8_t)len;
    }
    flat_add(flat, header, n);
}

static void flat_element(Flat *flat, uint8_t tag, const void *data, size_t len)
{
    flat_header(flat, tag, len);
    flat_add(flat, data, len);
}

static uint8_t filling[70000];

/* One shape: `depth` containers inside each other; around each inner one some
 * own and some borrowed octets. */
typedef struct Shape {
    unsigned depth;
    size_t own, borrowed, behind;
} Shape;

static Flat flat_shape(const Shape *shape, unsigned depth)
{
    Flat content = {0};
    Flat whole = {0};

    flat_element(&content, 0x04, filling, shape->own);
    flat_element(&content, 0x80, filling, shape->borrowed);
    if (depth > 1) {
        Flat inner = flat_shape(shape, depth - 1);
        flat_add(&content, inner.data, inner.len);
        free(inner.data);
    }
    flat_element(&content, 0x81, filling, shape->behind);
    flat_element(&whole, 0x30, content.data, content.len);
    free(content.data);
    return whole;
}

static void write_shape(BmWriter *w, const Shape *shape, unsigned depth)
{
    bm_writer_open(w, BM_TAG_SEQUENCE);
    bm_writer_octets(w, BM_TAG_OCTETS, filling, shape->own);
    bm_writer_borrow(w, BM_TAG_CONTEXT(0), filling, shape->borrowed);
    if (depth > 1) {
        write_shape(w, shape, depth - 1);
    }
    bm_writer_borrow(w, BM_TAG_CONTEXT(1), filling, shape->behind);
    bm_writer_close(w);
}

/* The pieces one after the other. */
static Flat gather(const BmWriter *w)
{
    size_t max = 2 * w->n_borrowed + 1;
    struct iovec *iov = calloc(max, sizeof(*iov));
    size_t n = bm_writer_pieces(w, iov, max);
    Flat flat = {0};

    cr_assert_gt(n, 0);
    for (size_t i = 0; i < n; i++) {
        cr_assert_gt(iov[i].iov_len, 0);
        flat_add(&flat, iov[i].iov_base, iov[i].iov_len);
    }
    cr_assert_eq(bm_writer_pieces(w, iov, n - 1), 0);
    free(iov);
    return flat;
}

static void expect_shape(BmWriter *w, const Shape *shape)
{
    Flat expected = flat_shape(shape, shape->depth);

    bm_writer_reset(w);
    write_shape(w, shape, shape->depth);
    cr_assert_eq(w->fault.code, BM_OK);
    cr_assert_eq(bm_writer_size(w), expected.len);
    Flat actual = gather(w);
    cr_assert_eq(actual.len, expected.len);
    cr_assert_eq(memcmp(actual.data, expected.data, actual.len), 0, "depth %u, %zu %zu %zu",
                 shape->depth, shape->own, shape->borrowed, shape->behind);
    free(actual.data);
    free(expected.data);
}

/* All contents whose length is near a place where its form changes. */
Test(containers, cross_each_length_of_lengths)
{
    static const size_t near[] = {0, 60, 116, 244, 65524};
    BmWriter w;

    for (size_t i = 0; i < sizeof(filling); i++) {
        filling[i] = (uint8_t)(i * 7 + i / 251);
    }
    bm_writer_init(&w);
    for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
        for (size_t more = 0; more < 16; more++) {
            for (unsigned depth = 1; depth <= 4; depth++) {
                expect_shape(&w, &(Shape){depth, near[i] + more, 0, 0});
                expect_shape(&w, &(Shape){depth, 0, near[i] + more, 0});
                expect_shape(&w, &(Shape){depth, 0, 0, near[i] + more});
                expect_shape(&w, &(Shape){depth, 1, (near[i] + more) / 2, near[i] / 2});
            }
        }
    }
    bm_writer_clear(&w);
}

Test(containers, nest_to_the_full_depth)
{
    BmWriter w;

    bm_writer_init(&w);
    expect_shape(&w, &(Shape){BM_WRITER_DEPTH, 3, 5, 1});
    expect_shape(&w, &(Shape){BM_WRITER_DEPTH, 0, 0, 0});
    bm_writer_clear(&w);
}

Test(containers, of_random_shape_equal_the_plain_encoding)
{
    BmWriter w;

    srandom(2);
    bm_writer_init(&w);
    for (unsigned run = 0; run < 500; run++) {
        size_t max = (size_t)1 << random() % 10;
        Shape shape = {1 + (unsigned)random() % 20, (size_t)random() % max, (size_t)random() % max,
                       (size_t)random() % max};

        expect_shape(&w, &shape);
    }
    bm_writer_clear(&w);
}
