/* SPDX-License-Identifier: BSD-2-Clause */
/* A tool that knows BER but not this format must find its way through. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sample-stream.h"

static bool there(const char *command)
{
    char line[200];

    snprintf(line, sizeof(line), "%s >/dev/null 2>&1", command);
    return system(line) == 0;
}

/* Runs the tool on the octets; its output ends in `text`. */
static int parse(BmOctets stream, char *text, size_t room)
{
    char name[] = "/tmp/bermig-test-XXXXXX";
    char line[200];
    int fd = mkstemp(name);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, stream.data, stream.len), (ssize_t)stream.len);
    close(fd);
    snprintf(line, sizeof(line), "openssl asn1parse -inform DER -i -in %s 2>&1", name);
    FILE *tool = popen(line, "r");
    cr_assert_not_null(tool);
    size_t n = fread(text, 1, room - 1, tool);
    text[n] = '\0';
    int status = pclose(tool);
    unlink(name);
    return status;
}

Test(openssl, finds_all_elements)
{
    static const char *const expected[] = {
        "2.25.125109616885063328647694488856104356167",
        "appl [ 0 ]",
        "UTF8STRING        :sample",
        "appl [ 13 ]",
        "[HEX DUMP]:DEADBEEF0000",
        "appl [ 10 ]",
        "appl [ 15 ]",
        "INTEGER           :012C",
        "BOOLEAN           :255",
        "appl [ 16 ]",
    };
    char text[8192];

    if (!there("openssl version")) {
        cr_skip_test("there is no openssl");
    }
    BmOutput *out = sample_stream();
    int status = parse(bm_output_memory_data(out), text, sizeof(text));
    cr_assert_eq(status, 0, "%s", text);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        cr_assert_not_null(strstr(text, expected[i]), "no %s in\n%s", expected[i], text);
    }
    cr_assert_null(strstr(text, "rror"), "%s", text);
    bm_output_free(out);
}
