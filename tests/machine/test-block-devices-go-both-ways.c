/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block devices of a machine: what is sent when, that it arrives in both formats, and
 * that nothing behind the end of a device is written, whatever comes.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "compat.h"
#include "disks.h"
#include "machine.h"

#define CHUNK BM_DISK_CHUNK
#define LENGTH (3u * CHUNK + 5u * BM_DISK_SECTOR) /* the last chunk is not whole */

/* A device in memory, between octets that nobody may touch. */
typedef struct Device {
    uint8_t before[16], content[LENGTH], behind[16];
    unsigned reads, writes, zeros;
    gboolean silent; /* fails, and says nothing */
} Device;

static gboolean device_read(void *opaque, uint64_t offset, void *data, size_t len, GError **error)
{
    Device *d = opaque;

    (void)error;
    cr_assert(offset < LENGTH && len <= LENGTH - offset && len <= CHUNK);
    d->reads++;
    memcpy(data, d->content + offset, len);
    return !d->silent;
}

static gboolean device_write(void *opaque, uint64_t offset, const void *data, size_t len,
                             GError **error)
{
    Device *d = opaque;

    (void)error;
    cr_assert(offset < LENGTH && len <= LENGTH - offset && len <= CHUNK);
    d->writes++;
    memcpy(d->content + offset, data, len);
    return !d->silent;
}

static gboolean device_zero(void *opaque, uint64_t offset, size_t len, GError **error)
{
    Device *d = opaque;

    (void)error;
    cr_assert(offset < LENGTH && len <= LENGTH - offset && len <= CHUNK);
    d->zeros++;
    memset(d->content + offset, 0, len);
    return TRUE;
}

static const BmDiskFunctions functions = {device_read, device_write, device_zero};
static const BmDiskFunctions no_zero = {.read = device_read, .write = device_write};

/* ---- a machine with two of them ---- */

typedef struct Host {
    BmMachine *machine;
    BmDisks *disks;
    BmDisk *disk[2];
    Device *device[2];
} Host;

static Host *host_new(void)
{
    Host *h = g_new0(Host, 1);

    h->machine = bm_machine_new("disky", 4096);
    h->disks = bm_disks_new();
    for (int i = 0; i < 2; i++) {
        h->device[i] = g_new0(Device, 1);
        memset(h->device[i]->behind, 0xee, sizeof h->device[i]->behind);
        h->disk[i] = bm_disks_add(h->disks, i == 0 ? "drive0" : "drive1",
                                  i == 0 ? &functions : &no_zero, h->device[i], LENGTH, NULL);
        cr_assert(h->disk[i]);
    }
    cr_assert(bm_machine_add_live(h->machine, "block", 0, &bm_disks_handlers, h->disks, NULL));
    return h;
}

static void host_free(Host *h)
{
    bm_machine_free(h->machine);
    bm_disks_free(h->disks);
    g_free(h->device[0]);
    g_free(h->device[1]);
    g_free(h);
}

static void fill(Host *h)
{
    memset(h->device[0]->content, 0x5a, CHUNK); /* chunks 1 and 2 are zero */
    memset(h->device[0]->content + 3 * CHUNK, 0xa5, 5 * BM_DISK_SECTOR);
    h->device[1]->content[LENGTH - 1] = 1;
}

/* The guest writes while it is saved, and before it is stopped. */
static void save(Host *h, BmStreamVisitor *out)
{
    BmMachineSave *save = bm_machine_save_new(h->machine, out);

    cr_assert(bm_machine_save_setup(save, NULL));
    cr_expect_eq(bm_machine_save_remaining(save), 8 * CHUNK);
    cr_assert(bm_machine_save_iterate(save, 3 * CHUNK, NULL));
    cr_expect_eq(bm_machine_save_remaining(save), 5 * CHUNK);
    cr_expect_eq(bm_disks_progress(h->disks), 37);
    while (bm_machine_save_remaining(save) > 0) {
        cr_assert(bm_machine_save_iterate(save, 3 * CHUNK, NULL));
    }
    h->device[0]->content[CHUNK - 1] = 1;
    h->device[0]->content[CHUNK] = 2;
    bm_disk_mark_dirty(h->disk[0], CHUNK - 1, 2); /* two chunks */
    memset(h->device[1]->content + 3 * CHUNK, 0, 5 * BM_DISK_SECTOR);
    bm_disk_mark_dirty(h->disk[1], LENGTH - 1, 1000);
    bm_disk_mark_dirty(h->disk[1], LENGTH, 1);
    cr_expect_eq(bm_machine_save_remaining(save), 3 * CHUNK);
    cr_assert(bm_machine_save_complete(save, NULL));
    cr_expect_eq(bm_disks_progress(h->disks), 100);
    bm_machine_save_free(save);
    cr_expect_eq(h->device[0]->reads + h->device[1]->reads, 8 + 3);
}

static void check_same(const Host *a, const Host *b)
{
    for (int i = 0; i < 2; i++) {
        static const uint8_t before[16];
        uint8_t behind[16];

        memset(behind, 0xee, sizeof behind);
        cr_expect_arr_eq(a->device[i]->content, b->device[i]->content, LENGTH);
        cr_expect_arr_eq(b->device[i]->before, before, sizeof before);
        cr_expect_arr_eq(b->device[i]->behind, behind, sizeof behind);
    }
}

static void move(gboolean ber)
{
    Host *from = host_new(), *to = host_new();
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *writer = ber ? bm_ber_stream_out(out, 1, NULL) : bm_legacy_stream_out(out);
    BmStreamVisitor *loader = bm_machine_load_new(to->machine, NULL);
    GError *error = NULL;
    BmOctets octets;
    BmInput *in;
    gboolean ok;

    fill(from);
    memset(to->device[0]->content, 0xff, LENGTH); /* zeros are not for nothing */
    memset(to->device[1]->content, 0xff, LENGTH);
    save(from, writer);
    octets = bm_output_memory_data(out);
    in = bm_input_memory(octets.data, octets.len);
    ok = ber ? bm_ber_stream_read(in, loader, FALSE, NULL, &error)
             : bm_legacy_read(in, loader, NULL, &error);
    cr_assert(ok, "%s", error ? error->message : "");
    check_same(from, to);
    cr_expect_gt(to->device[0]->zeros, 0);
    cr_expect_eq(to->device[1]->zeros, 0);
    cr_expect_eq(bm_disks_progress(to->disks), 100);
    bm_input_free(in);
    bm_stream_free(loader);
    bm_stream_free(writer);
    bm_output_free(out);
    host_free(from);
    host_free(to);
}

Test(disks, go_through_ber)
{
    move(TRUE);
}

Test(disks, go_through_the_format_of_qemu)
{
    move(FALSE);
}

/* ---- what is wrong ---- */

static int load(Host *h, BmItem item)
{
    GError *error = NULL;
    int code = BM_OK;

    if (!bm_disks_handlers.load_item(h->disks, &item, &error)) {
        cr_assert(error);
        code = error->code;
        g_error_free(error);
    }
    return code;
}

Test(disks, take_no_chunk_that_does_not_fit)
{
    static const uint8_t data[CHUNK];
    const uint64_t sectors = LENGTH / BM_DISK_SECTOR;
    Host *h = host_new();
    BmItem chunk = {.type = BM_ITEM_CHUNK, .device = "drive0", .data = {data, CHUNK}};
    BmItem item = chunk;

    item.device = "drive2";
    cr_expect_eq(load(h, item), BM_UNKNOWN);
    item = chunk;
    item.page = sectors;
    cr_expect_eq(load(h, item), BM_LIMIT);
    item.page = UINT64_MAX;
    cr_expect_eq(load(h, item), BM_LIMIT);
    item = chunk;
    item.data.len = CHUNK - 1;
    cr_expect_eq(load(h, item), BM_BAD_LENGTH);
    cr_expect_eq(load(h, (BmItem){.type = BM_ITEM_OCTETS}), BM_REFUSED);
    cr_expect_eq(h->device[0]->writes, 0);
    chunk.page = sectors - 1; /* most of it lies behind the end */
    cr_expect_eq(load(h, chunk), BM_OK);
    cr_expect_eq(h->device[0]->writes, 1);
    host_free(h);
}

Test(disks, need_a_name_and_sectors)
{
    Host *h = host_new();
    static const struct {
        const char *name;
        uint64_t length;
        int code;
    } wrong[] = {{"", 512, BM_BAD_VALUE},
                 {"\xff", 512, BM_BAD_VALUE},
                 {"x", 0, BM_BAD_VALUE},
                 {"x", 513, BM_BAD_VALUE},
                 {"drive1", 512, BM_DUPLICATE}};

    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;

        cr_expect_null(
            bm_disks_add(h->disks, wrong[i].name, &functions, NULL, wrong[i].length, &error));
        cr_expect_eq(error->code, wrong[i].code);
    }
    host_free(h);
}

Test(disks, say_which_one_failed)
{
    static const BmStreamOps nothing;
    BmStreamVisitor out = {&nothing};
    g_autoptr(GError) error = NULL;
    Host *h = host_new();

    h->device[0]->silent = TRUE;
    cr_assert(bm_disks_handlers.setup(h->disks, &out, NULL));
    cr_expect_not(bm_disks_handlers.iterate(h->disks, &out, CHUNK, &error));
    cr_assert(error);
    cr_expect_eq(error->code, BM_IO);
    cr_expect(strstr(bm_error_path(error), "drive0"));
    host_free(h);
}
