/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare-streams FILE...: whether asn1c and libtasn1 read the same from BER
 * streams as our reader, and encode the same octets.  The streams must have been
 * written at the zstd level that `bermig convert` takes by itself.
 */
#include <stdio.h>

#include "compare.h"
#include "oracle-source.h"

#define DEFAULT_LEVEL 1

static gboolean compare(const Oracle *oracle, BmOctets stream, GError **error)
{
    return compare_readings(oracle, stream, DEFAULT_LEVEL, error) &&
           compare_encodings(oracle, stream, error);
}

static gboolean compare_file(const char *name, GError **error)
{
    g_autofree char *text = NULL;
    gsize len;
    BmOctets stream;

    if (!g_file_get_contents(name, &text, &len, error)) {
        return FALSE;
    }
    stream = (BmOctets){(const uint8_t *)text, len};
    return compare(&oracle_asn1c, stream, error) && compare(&oracle_tasn1, stream, error);
}

int main(int argc, char **argv)
{
    int status = 0;

    for (int i = 1; i < argc; i++) {
        g_autoptr(GError) error = NULL;

        if (!compare_file(argv[i], &error)) {
            printf("%s: %s: %s\n", argv[i], bm_error_path(error), error->message);
            status = 1;
        }
    }
    return status;
}
