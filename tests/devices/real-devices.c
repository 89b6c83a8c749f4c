/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * real-devices STREAM...: all devices of QEMU's streams that there is a table for
 * go through every form.  Prints "NAME SECTIONS VALUES" per table, what went
 * wrong on stderr.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device-passage.h"
#include "legacy-values.h"

#define MOST 64 /* tables */

static struct {
    uint64_t sections, values;
} counts[MOST];
static unsigned failures;

typedef struct Picker {
    BmStreamVisitor base;
    const char *path;
} Picker;

static void pass(const Picker *p, unsigned i, const BmDevice *device, BmOctets octets)
{
    GError *error = NULL;

    counts[i].sections++;
    if (!device_passage(devices[i], &device->section, device->schema, octets, &counts[i].values,
                        &error)) {
        fprintf(stderr, "%s: %s (table %u): %s: %s\n", p->path, device->section.name, i,
                bm_error_path(error), error->message);
        g_error_free(error);
        failures++;
    }
}

static gboolean wanted(const BmDevice *device)
{
    for (unsigned i = 0; device->schema && devices[i]; i++) {
        if (device_applies(devices[i], &device->section, device->schema)) {
            return TRUE;
        }
    }
    return FALSE;
}

/* The octets of a device with structure are those of its values. */
static gboolean pick(BmStreamVisitor *s, const BmDevice *device, GError **error)
{
    BmOutput *output;
    BmOctets octets = device->octets;
    BmVisitor *out;
    gboolean ok = TRUE;

    if (!wanted(device)) {
        return TRUE;
    }
    output = bm_output_memory();
    if (device->values) {
        out = bm_visitor_legacy_out(output);
        ok = bm_walk(device->schema, device->values, out, NULL, error);
        bm_visitor_free(out);
        octets = bm_output_memory_data(output);
    }
    for (unsigned i = 0; ok && devices[i]; i++) {
        if (device_applies(devices[i], &device->section, device->schema)) {
            pass((Picker *)s, i, device, octets);
        }
    }
    bm_output_free(output);
    return ok;
}

static const BmStreamOps ops = {.device = pick};

static void read_stream(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Picker picker = {.base = {&ops}, .path = path};
    BmLegacyOptions options = {0};
    GError *error = NULL;
    BmInput *in;

    if (fd < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        failures++;
        return;
    }
    in = bm_input_fd(fd);
    if (!bm_legacy_read(in, &picker.base, &options, &error)) {
        fprintf(stderr, "%s: %s\n", path, error->message);
        g_error_free(error);
        failures++;
    }
    bm_input_free(in);
    close(fd);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        read_stream(argv[i]);
    }
    for (unsigned i = 0; devices[i]; i++) {
        printf("%s %s %" PRIu64 " %" PRIu64 "\n", devices[i]->section,
               devices[i]->table->size ? "own" : "qemu", counts[i].sections, counts[i].values);
    }
    return failures ? 1 : 0;
}
