/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A text read with the help of another one says what it says alone: for all pairs of texts
 * that differ in devices which are other, more, fewer or in another order.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "recall-impl.h"

/* ---- texts ---- */

typedef struct Style {
    const char *open_object, *close_object, *open_array, *close_array, *colon;
} Style;

static const Style styles[] = {{"{", "}", "[", "]", ": "}, {"{ ", " }", "[ ", " ]", " : "}};

static void put_device(GString *text, const Style *s, char name)
{
    /* A name that looks like the end of a device; QEMU up to 5.2 escapes nothing. */
    g_string_append_printf(
        text,
        "%s\"name\"%s\"%c}{, ]\", \"instance_id\"%s0, \"vmsd_name\"%s\"%c\", "
        "\"version\"%s1, \"fields\"%s%s%s\"name\"%s\"%c\", \"type\"%s\"uint%s\", "
        "\"size\"%s%d%s%s%s",
        s->open_object, s->colon, name, s->colon, s->colon, name, s->colon, s->colon, s->open_array,
        s->open_object, s->colon, name, s->colon, name % 2 ? "16" : "32", s->colon,
        name % 2 ? 2 : 4, s->close_object, s->close_array, s->close_object);
}

/* A description of devices named by a letter each. */
static BmOctets make_text(const char *names, const Style *s, unsigned page_size)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%s\"page_size\"%s%u, \"devices\"%s%s", s->open_object, s->colon,
                           page_size, s->colon, s->open_array);
    for (const char *name = names; *name; name++) {
        g_string_append(text, name > names ? ", " : "");
        put_device(text, s, *name);
    }
    g_string_append_printf(text, "%s%s", s->close_array, s->close_object);
    size_t len = text->len;

    return (BmOctets){(uint8_t *)g_string_free(text, FALSE), len};
}

static const char *const guests[] = {
    "abcdef", "abcdeX", "Xbcdef", "abXdef",  "XbcdeY",  "aXcYeZ",
    "abcde",  "bcdef",  "abef",   "abcXdef", "Xabcdef", "abcdefX",
    "abcabc", "aaaaaa", "fedcba", "uvwxyz",  "a",       "abcdefghijklm",
};

/* ---- pairs ---- */

/* What `text` says with the help of `old`; FALSE if that is none. */
static gboolean helps(BmOctets old, BmOctets text)
{
    BmRecall *recall = bm_recall_new();
    BmSchemaSet *set = NULL;
    const BmVmdesc *says;
    gboolean helped;

    cr_assert(bm_recall_add(recall, old), "%s", (const char *)old.data);
    says = bm_recall_take(recall, text, &set);
    helped = says != NULL;
    if (helped) {
        cr_expect(bm_vmdesc_is(says, text, NULL), "%s", (const char *)text.data);
        cr_expect_null(bm_recall_take(recall, text, &set), "taken twice");
    }
    bm_recall_free(recall);
    return helped;
}

Test(seen_before, says_the_same)
{
    for (size_t s = 0; s < G_N_ELEMENTS(styles); s++) {
        for (size_t i = 0; i < G_N_ELEMENTS(guests); i++) {
            for (size_t j = 0; j < G_N_ELEMENTS(guests); j++) {
                g_autofree const uint8_t *old = make_text(guests[i], &styles[s], 4096).data;
                g_autofree const uint8_t *new = make_text(guests[j], &styles[s], 4096).data;
                gboolean helped = helps((BmOctets){old, strlen((const char *)old)},
                                        (BmOctets){new, strlen((const char *)new)});

                cr_expect(helped || i != j, "%s", guests[i]);
                /* From the first one, all that have half of its devices. */
                cr_expect(helped || i > 0 || j > 11, "%s %s", guests[i], guests[j]);
                cr_expect(!helped || i > 0 || strcmp(guests[j], "uvwxyz") != 0);
            }
        }
    }
}

/* After the main thread has asked for it, mostly. */
static void add_late(BmRecall *recall, void *data)
{
    const BmOctets *text = data;

    g_usleep(1000);
    cr_expect(bm_recall_add(recall, *text));
}

Test(seen_before, is_waited_for_by_whoever_asks)
{
    BmOctets text = make_text("abcdef", &styles[0], 4096);
    BmRecall *recall = bm_recall_new(), *unasked = bm_recall_new();
    BmKnown *known = bm_known_new();
    BmSchemaSet *set = NULL;

    bm_recall_fill(recall, add_late, &text);
    cr_expect_not_null(bm_recall_take(recall, text, &set));
    bm_recall_tell(recall, known);
    cr_expect_not_null(bm_known_digests(known)[0]);
    bm_recall_fill(unasked, add_late, &text);
    bm_recall_free(unasked);
    bm_known_free(known);
    bm_recall_free(recall);
    g_free((uint8_t *)text.data);
}

Test(seen_before, is_of_the_same_machine)
{
    BmOctets old = make_text("abcdef", &styles[0], 4096);
    BmOctets pages = make_text("abcdef", &styles[0], 8192);
    BmOctets spaced = make_text("abcdef", &styles[1], 4096);

    cr_expect_not(helps(old, pages));
    cr_expect_not(helps(old, spaced));
    g_free((uint8_t *)old.data);
    g_free((uint8_t *)pages.data);
    g_free((uint8_t *)spaced.data);
}

/* ---- texts that no QEMU writes ---- */

Test(seen_before, helps_with_no_text_that_is_cut_or_changed)
{
    BmOctets old = make_text("abcd", &styles[0], 4096);
    uint8_t *text = g_memdup2(old.data, old.len);

    for (size_t len = 0; len < old.len; len++) {
        cr_expect_not(helps(old, (BmOctets){text, len}), "%zu", len);
    }
    for (size_t i = 0; i < old.len; i += 2) {
        for (const char *c = "{}]\",\\"; *c; c++) {
            text[i] = (uint8_t)*c;
            helps(old, (BmOctets){text, old.len}); /* what it says is compared there */
        }
        text[i] = old.data[i];
    }
    g_free((uint8_t *)old.data);
    g_free(text);
}

Test(seen_before, keeps_nothing_that_is_no_description)
{
    static const char *const texts[] = {"", "{", "{}", "[]", "{\"page_size\": 4096}", " {}"};
    BmRecall *recall = bm_recall_new();
    BmKnown *known = bm_known_new();

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        cr_expect_not(
            bm_recall_add(recall, (BmOctets){(const uint8_t *)texts[i], strlen(texts[i])}), "%s",
            texts[i]);
    }
    bm_recall_tell(recall, known);
    cr_expect_null(bm_known_digests(known)[0]);
    cr_expect_null(bm_recall_last(recall).data);
    bm_known_free(known);
    bm_recall_free(recall);
}
