/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * asn1c, libtasn1 and our reader must find the same values in each stream, and
 * these must be the values that went in.
 */
#include <criterion/criterion.h>

#include "calls.h"
#include "compare.h"
#include "oracle-source.h"
#include "samples.h"

static const int levels[] = {0, 3}; /* pages plain, and by zstd where that helps */

static void each_sample(const Oracle *oracle,
                        gboolean (*check)(const Oracle *, BmOctets, int, GError **))
{
    for (size_t i = 0; i < n_samples; i++) {
        for (size_t l = 0; l < G_N_ELEMENTS(levels); l++) {
            BmOutput *out = sample_written(&samples[i], levels[l]);
            GError *error = NULL;

            cr_assert(check(oracle, bm_output_memory_data(out), levels[l], &error),
                      "%s by %s, level %d: %s: %s", samples[i].name, oracle->name, levels[l],
                      bm_error_path(error), error ? error->message : "");
            bm_output_free(out);
        }
    }
}

Test(oracles, asn1c_reads_the_same_as_we)
{
    each_sample(&oracle_asn1c, compare_readings);
}

Test(oracles, libtasn1_reads_the_same_as_we)
{
    each_sample(&oracle_tasn1, compare_readings);
}

static gboolean encodings(const Oracle *oracle, BmOctets stream, int level, GError **error)
{
    (void)level;
    return compare_encodings(oracle, stream, error);
}

Test(oracles, asn1c_encodes_the_same_octets)
{
    each_sample(&oracle_asn1c, encodings);
}

Test(oracles, libtasn1_encodes_the_same_octets)
{
    each_sample(&oracle_tasn1, encodings);
}

/* The readers could agree and all be wrong, so the calls that made the stream
 * are compared with those that reading it makes. */
static void check_against_input(const Oracle *oracle, const Sample *sample)
{
    BmOutput *out = sample_written(sample, 3);
    GString *given = g_string_new(NULL), *read = g_string_new(NULL);
    BmStreamVisitor *given_calls = calls_stream(given), *read_calls = calls_stream(read);
    GError *error = NULL;

    sample->drive(given_calls);
    cr_assert(oracle_read(oracle, bm_output_memory_data(out), read_calls, &error), "%s",
              error ? error->message : "");
    cr_assert(calls_compare(given, read, &error), "%s by %s: %s", sample->name, oracle->name,
              error ? error->message : "");
    bm_stream_free(given_calls);
    bm_stream_free(read_calls);
    g_string_free(given, TRUE);
    g_string_free(read, TRUE);
    bm_output_free(out);
}

Test(oracles, they_read_the_values_that_went_in)
{
    for (size_t i = 0; i < n_samples; i++) {
        check_against_input(&oracle_asn1c, &samples[i]);
        check_against_input(&oracle_tasn1, &samples[i]);
    }
}
