/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "error.h"

static void says(BmCode code, uint64_t expected, uint64_t got, const char *text)
{
    BmFault fault = {code, 7, "a thing", expected, got};
    GError *error = NULL;

    cr_expect_not(bm_error_from_fault(&error, &fault, NULL));
    cr_assert_eq(error->domain, BM_ERROR);
    cr_expect_eq(error->code, (int)code);
    cr_expect_str_eq(error->message, text);
    cr_expect_eq(bm_error_offset(error), 7);
    g_error_free(error);
}

Test(errors, wrong_tags_are_named)
{
    says(BM_BAD_TAG, BM_TAG_INTEGER, BM_TAG_OCTETS,
         "a thing: expected INTEGER, found OCTET STRING");
    says(BM_BAD_TAG, BM_TAG_APPLICATION(3) | BM_CONSTRUCTED, BM_TAG_CONTEXT(0),
         "a thing: expected [APPLICATION 3], found [0]");
    says(BM_BAD_TAG, BM_TAG_SEQUENCE, BM_TAG_UNIVERSAL(30),
         "a thing: expected SEQUENCE, found [UNIVERSAL 30]");
    says(BM_BAD_TAG, BM_TAG_OCTETS, BM_TAG_OCTETS | BM_CONSTRUCTED,
         "a thing: OCTET STRING must not be constructed");
    says(BM_UNKNOWN, 0, BM_TAG_APPLICATION(20), "a thing: [APPLICATION 20] is not known");
}

Test(errors, faults_become_sentences)
{
    says(BM_TRUNCATED, 9, 4, "the input ends inside a thing: 4 of 9 octets are there");
    says(BM_LIMIT, 10, 11, "a thing is 11, more than the limit of 10");
    says(BM_BAD_DIGEST, 0x1234abcd, 1,
         "the checksum of a thing does not match (expected 1234abcd, got 00000001)");
    says(BM_TRAILING, 0, 3, "3 octets are left over after the end of a thing");
    says(BM_MISMATCH, 5, 6, "a thing: mismatch, expected 5, found 6");
}

Test(errors, input_and_output_errors_are_those_of_the_system)
{
    g_autofree char *text = g_strdup_printf("a thing: %s", g_strerror(ENOSPC));

    says(BM_IO, 0, ENOSPC, text);
}

Test(errors, every_code_has_words)
{
    for (int code = 1; code < 300; code++) {
        BmFault fault = {(BmCode)code, 0, NULL, 1, 2};
        GError *error = NULL;

        bm_error_from_fault(&error, &fault, NULL);
        cr_assert_gt(strlen(error->message), 5);
        g_error_free(error);
    }
}

Test(errors, message_is_free_of_path_and_offset)
{
    GError *error = NULL;

    cr_expect_not(bm_error_set(&error, BM_MISMATCH, 42, "a.b", "%d is odd", 3));
    cr_expect_str_eq(error->message, "3 is odd");
    cr_expect_str_eq(bm_error_path(error), "a.b");
    cr_expect_eq(bm_error_offset(error), 42);
    g_error_free(error);
}

Test(errors, copies_know_where_too)
{
    GError *error = NULL, *copy;

    bm_error_set(&error, BM_MISMATCH, 42, "a.b", "odd");
    copy = g_error_copy(error);
    g_error_free(error);
    cr_expect_str_eq(bm_error_path(copy), "a.b");
    cr_expect_eq(bm_error_offset(copy), 42);
    g_error_free(copy);
}

Test(errors, what_is_known_is_not_replaced)
{
    GError *error = NULL;

    bm_error_set(&error, BM_MISMATCH, BM_NO_OFFSET, NULL, "first");
    cr_expect_str_eq(bm_error_path(error), "");
    bm_error_set(&error, BM_IO, 3, "x", "second");
    bm_error_add_path(error, "a");
    bm_error_add_path(error, "b");
    bm_error_add_offset(error, 1);
    bm_error_add_offset(error, 2);
    cr_expect_str_eq(error->message, "first");
    cr_expect_str_eq(bm_error_path(error), "a");
    cr_expect_eq(bm_error_offset(error), 1);
    g_error_free(error);
}

Test(errors, the_path_of_a_part_is_completed)
{
    GError *error = NULL;

    bm_error_set(&error, BM_MISMATCH, BM_NO_OFFSET, ".[3]", "no");
    bm_error_add_path(error, "e1000.mac_reg(32)(4)");
    bm_error_add_path(error, "b");
    cr_expect_str_eq(bm_error_path(error), "e1000.mac_reg(32)(4).[3]");
    g_error_free(error);
}

Test(errors, other_domains_have_no_place)
{
    GError *error = g_error_new_literal(G_FILE_ERROR, 1, "foreign");

    bm_error_add_path(error, "a");
    bm_error_add_offset(error, 1);
    cr_expect_str_eq(bm_error_path(error), "");
    cr_expect_eq(bm_error_offset(error), BM_NO_OFFSET);
    cr_expect_str_eq(bm_error_path(NULL), "");
    g_error_free(error);
}

Test(errors, nobody_needs_to_ask_for_them)
{
    cr_expect_not(bm_error_set(NULL, BM_IO, 0, NULL, "unheard"));
    bm_error_add_path(NULL, "a");
    bm_error_add_offset(NULL, 1);
}
