/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPEC.md 6.5: one side has a device with structure, the other as octets; each
 * loads what the other has sent, in both forms.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tiny.h"

/* The timer of a release that knows its octets and nothing of them. */
typedef struct Opaque {
    uint8_t octets[32];
    size_t len;
} Opaque;

static gboolean opaque_save(void *opaque, GByteArray *octets, GError **error)
{
    const Opaque *o = opaque;

    (void)error;
    g_byte_array_append(octets, o->octets, (guint)o->len);
    return TRUE;
}

static gboolean opaque_load(void *opaque, uint32_t version, BmOctets octets, GError **error)
{
    Opaque *o = opaque;

    (void)error;
    cr_assert_eq(version, 2);
    cr_assert_leq(octets.len, sizeof o->octets);
    memcpy(o->octets, octets.data, octets.len);
    o->len = octets.len;
    return TRUE;
}

static const BmOctetsDevice opaque_device = {2, 1, opaque_save, opaque_load};

static const Opaque timer_octets = {
    {0, 0, 1, 2, /* reload */ 1, /* running */ 0, 0, 0, 0, 0, 0, 0, 7 /* deadline */}, 13};

static Tiny *with_octets(Opaque *o)
{
    Tiny *t = tiny_bare("tiny", TINY_PAGE);

    cr_assert(bm_machine_add_octets(t->machine, "timer", 0, &opaque_device, o, 0, NULL));
    return t;
}

static Tiny *with_table(void)
{
    Tiny *t = tiny_bare("tiny", TINY_PAGE);

    cr_assert(bm_machine_add_table(t->machine, "timer", 0, &tiny_timer_table, &t->timer, NULL));
    return t;
}

Test(device, of_octets_is_loaded_with_structure)
{
    for (TinyForm form = 0; form < TINY_FORMS; form++) {
        Opaque o = timer_octets;
        Tiny *old = with_octets(&o), *new = with_table();
        BmOutput *out = tiny_save(old, form);
        GError *error = NULL;

        cr_assert(tiny_load(new, form, bm_output_memory_data(out), NULL, &error), "%s",
                  error ? error->message : "");
        cr_expect_eq(new->timer.reload, 0x102);
        cr_expect(new->timer.running);
        cr_expect_eq(new->timer.deadline, 7);
        bm_output_free(out);
        tiny_free(new);
        tiny_free(old);
    }
}

Test(device, with_structure_is_loaded_as_octets)
{
    for (TinyForm form = 0; form < TINY_FORMS; form++) {
        Opaque o = {.len = 0};
        Tiny *old = with_octets(&o), *new = with_table();
        BmOutput *out;

        new->timer = (TinyTimer){0x102, TRUE, 7};
        out = tiny_save(new, form);
        cr_assert(tiny_load(old, form, bm_output_memory_data(out), NULL, NULL));
        cr_assert_eq(o.len, timer_octets.len);
        cr_expect_eq(memcmp(o.octets, timer_octets.octets, o.len), 0);
        bm_output_free(out);
        tiny_free(new);
        tiny_free(old);
    }
}

/* Octets are no proof of what is in them. */
Test(device, of_wrong_octets_is_refused)
{
    static const struct {
        size_t len;
        BmCode code;
    } rows[] = {{12, BM_TRUNCATED}, {14, BM_TRAILING}, {0, BM_TRUNCATED}};

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Opaque o = timer_octets;
        Tiny *old = with_octets(&o), *new = with_table();
        GError *error = NULL;
        BmOutput *out;

        o.len = rows[i].len;
        out = tiny_save(old, TINY_BER);
        cr_expect_not(tiny_load(new, TINY_BER, bm_output_memory_data(out), NULL, &error));
        cr_expect_eq(error->code, (int)rows[i].code, "%d: %s", error->code, error->message);
        g_error_free(error);
        bm_output_free(out);
        tiny_free(new);
        tiny_free(old);
    }
}

/* An error of a held device is where its value is in the stream. */
Test(device, errors_have_the_streams_offset)
{
    for (TinyForm form = 0; form < TINY_FORMS; form++) {
        BmTable other = tiny_timer_table;
        BmTableField fields[] = {
            BM_FIELD_U32(TinyTimer, reload),
            {.name = "running",
             .type = BM_TYPE_BOOL,
             .offset = offsetof(TinyTimer, running),
             .size = 1,
             .flags = BM_EQUAL},
            BM_FIELD_TIMER(TinyTimer, deadline),
            BM_FIELD_END,
        };
        Tiny *from = with_table(), *to = tiny_bare("tiny", TINY_PAGE);
        BmOutput *out;
        BmOctets octets;
        GError *error = NULL;
        uint64_t at;

        other.fields = fields;
        from->timer = (TinyTimer){0x01020304, TRUE, 5};
        cr_assert(bm_machine_add_table(to->machine, "timer", 0, &other, &to->timer, NULL));
        out = tiny_save(from, form);
        octets = bm_output_memory_data(out);
        cr_expect_not(tiny_load(to, form, octets, NULL, &error));
        cr_expect_str_eq(bm_error_path(error), "timer.running");
        at = bm_error_offset(error);
        /* "running" has been read: behind it, or on it. */
        cr_assert_lt(at, octets.len);
        cr_expect_not_null(memmem(octets.data + at - 8, 12, "\x01\x02\x03\x04", 4), "offset %lu",
                           at);
        g_error_free(error);
        bm_output_free(out);
        tiny_free(to);
        tiny_free(from);
    }
}
