/* SPDX-License-Identifier: BSD-2-Clause */
/* What hooks and checks in QEMU's form have to say. */
#define BM_WANT_QEMU_NAMES
#define BM_QEMU_MOST 64
#include "qemu-octets.h"

#include <criterion/criterion.h>
#include <errno.h>

typedef struct Gauge {
    uint8_t level;
    bool refuses_save, refuses_load;
} Gauge;

static int gauge_pre_save(void *opaque)
{
    return ((Gauge *)opaque)->refuses_save ? -EBUSY : 0;
}

static int gauge_post_load(void *opaque, int version_id)
{
    (void)version_id;
    return ((Gauge *)opaque)->refuses_load ? -EINVAL : 0;
}

static bool gauge_fits(void *opaque, int version_id)
{
    (void)version_id;
    return ((Gauge *)opaque)->level <= 100;
}

static const VMStateDescription vmstate_gauge = {
    .name = "gauge",
    .version_id = 1,
    .minimum_version_id = 1,
    .priority = MIG_PRI_IOMMU,
    .pre_save = gauge_pre_save,
    .post_load = gauge_post_load,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8(level, Gauge),
            VMSTATE_VALIDATE("the level is at most 100", gauge_fits),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_stuck = {
    .name = "stuck",
    .unmigratable = true,
    .fields =
        (const VMStateField[]){
            VMSTATE_END_OF_LIST(),
        },
};

Test(hooks, an_errno_is_an_error)
{
    Gauge gauge = {5, TRUE, FALSE};
    GError *error = NULL;

    g_free(qemu_octets_save(&vmstate_gauge, &gauge, &error));
    cr_assert_eq(error->code, BM_MISMATCH);
    qemu_octets_refused(error, g_strerror(EBUSY));
    error = NULL;
    gauge = (Gauge){5, FALSE, TRUE};
    cr_assert(!qemu_octets_load(&vmstate_gauge, &gauge, 1, "05", &error));
    cr_assert_eq(error->code, BM_MISMATCH);
    qemu_octets_refused(error, g_strerror(EINVAL));
}

/* Those of QEMU 11.0 and later, which say what was wrong. */
static bool refuse_to_save(void *opaque, Error **errp)
{
    if (((Pair *)opaque)->x == 0) {
        error_setg(errp, "x must not be %d", 0);
        return false;
    }
    return true;
}

static bool empty(void *opaque, Error **errp)
{
    (void)errp;
    ((Pair *)opaque)->y = 0;
    return true;
}

static bool refuse_to_load(void *opaque, int version_id, Error **errp)
{
    if (version_id == 1 && ((Pair *)opaque)->x == 9) {
        error_setg(errp, "9 is too much");
        return false;
    }
    return ((Pair *)opaque)->x != 8;
}

static int not_seven(void *opaque)
{
    return ((Pair *)opaque)->x == 7 ? -EINVAL : 0;
}

static const VMStateDescription vmstate_hooked = {
    .name = "hooked",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save_errp = refuse_to_save,
    .post_save = not_seven,
    .pre_load_errp = empty,
    .post_load_errp = refuse_to_load,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8(x, Pair),
            VMSTATE_END_OF_LIST(),
        },
};

Test(hooks, say_themselves_what_is_wrong)
{
    Pair pair = {1, 2};
    GError *error = NULL;
    char *hex;

    qemu_octets_pass(&vmstate_hooked, &pair, &pair, "01");
    cr_expect_eq(pair.y, 0);
    pair.x = 0;
    hex = qemu_octets_save(&vmstate_hooked, &pair, &error);
    cr_expect_str_eq(error->message, "x must not be 0");
    cr_expect_eq(error->code, BM_MISMATCH);
    g_clear_error(&error);
    g_free(hex);
    pair.x = 7;
    hex = qemu_octets_save(&vmstate_hooked, &pair, &error);
    cr_assert_not_null(error);
    cr_expect_str_eq(error->message, "post_save of hooked failed with -22: Invalid argument");
    g_clear_error(&error);
    g_free(hex);
    cr_expect_not(qemu_octets_load(&vmstate_hooked, &pair, 1, "09", &error));
    cr_expect_str_eq(error->message, "9 is too much");
    g_clear_error(&error);
    cr_expect_not(qemu_octets_load(&vmstate_hooked, &pair, 1, "08", &error));
    cr_expect_str_eq(error->message, "post_load of hooked failed");
    g_clear_error(&error);
}

Test(hooks, what_must_be_true_is_checked_both_ways)
{
    Gauge gauge = {101, FALSE, FALSE};
    GError *error = NULL;

    g_free(qemu_octets_save(&vmstate_gauge, &gauge, &error));
    qemu_octets_refused(error, "the level is at most 100");
    error = NULL;
    cr_assert(!qemu_octets_load(&vmstate_gauge, &gauge, 1, "65", &error));
    qemu_octets_refused(error, "the level is at most 100");
    cr_assert(qemu_octets_load(&vmstate_gauge, &gauge, 1, "64", NULL));
    qemu_octets_pass(&vmstate_gauge, &gauge, &(Gauge){0}, "64");
}

Test(hooks, unmigratable_is_an_error)
{
    GError *error = NULL;

    g_free(qemu_octets_save(&vmstate_stuck, &(int){0}, &error));
    qemu_octets_refused(error, "cannot be");
}
