/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transformations: how the state of a device changes from one version of a
 * machine to a neighbouring one.
 *
 * A transformation is a const record: an operation, the devices it is for, and
 * what the operation needs to know.  A step is a list of them between two
 * levels (names of versions, "10.0" and "9.2"):
 *
 *     static const BmTransform nic_10_0_to_9_2[] = {
 *         {&bm_op_rename, .device = "*:nic", .name = "rx_size", .to = "rxbuf_size"},
 *         {&bm_op_drop_if, .device = "*:nic", .fields = "rsc:bool=false"},
 *         {NULL},
 *     };
 *     static const BmStep steps[] = {{"10.0", "9.2", nic_10_0_to_9_2}, ...};
 *
 * bm_chain_new() finds the way from one level to another and puts the
 * transformations of its steps in a row.  A step also leads back: its
 * transformations are then inverted, the last one first.
 *
 * What loses something (a value that is dropped, or overwritten) is reported and
 * refused unless the transformation or the caller consents.
 */
#ifndef BM_TRANSFORM_H
#define BM_TRANSFORM_H

#include "state.h"

/* One device, as a transformation sees it. */
typedef struct BmDeviceState {
    char *name; /* of the section */
    uint32_t instance, version;
    BmState *state;   /* NULL: it came as octets */
    gboolean dropped; /* it is to be left out */
} BmDeviceState;

void bm_device_state_clear(BmDeviceState *device);

typedef struct BmTransform BmTransform;
typedef struct BmTransformer BmTransformer;

typedef gboolean BmTransformFunc(const BmTransform *t, BmDeviceState *device, BmTransformer *by,
                                 GError **error);

/* One struct at work; FALSE and an error if it cannot be done. */
typedef struct BmWork BmWork;
typedef gboolean BmWorkFunc(const BmWork *w, BmState *s);

typedef struct BmOperation {
    const char *name; /* as in a file of rules */
    uint32_t needs;   /* BmKey bits that must be given */
    uint32_t takes;   /* those that may be */
    /* What it does to a device, or to each struct that `in` leads to (transform-impl.h has
     * BmWork); neither: it is not for devices (drop-command). */
    BmTransformFunc *apply;
    BmWorkFunc *each;
    /* Fills in the record that undoes `t`; FALSE: there is no way back. */
    gboolean (*invert)(const BmTransform *t, BmTransform *back);
    gboolean octets; /* also for devices that came as octets */
} BmOperation;

/* Members that are not named have no meaning for an operation. */
struct BmTransform {
    const BmOperation *operation; /* NULL ends a list */
    const char *rule;             /* what messages call it; NULL: the operation's name */
    const char *device;           /* glob for the section's name; NULL: all devices */
    const char *instance;         /* only this one, a number; NULL: all */
    const char *in;               /* path of the struct at work; NULL: the device itself */
    const char *name;             /* field or subsection in it */
    const char *to;               /* its new name */
    const char *to_in;            /* move: path of the struct it goes to; NULL: the device */
    const char *before;           /* the field or subsection that it goes before; NULL: the end */
    const char *back_before;      /* the same for the way back */
    const char *parts;            /* split, join: "low:4 high:28", bits or elements */
    const char *fields;           /* "on:bool=false; n:uint32[4]=0; id:buffer[16]=0" */
    const char *value, *back_value;
    const char *type, *back_type; /* the sender's name of the type */
    uint32_t width, back_width;   /* octets, after and before */
    uint32_t version, back_version;
    uint32_t code;     /* of a command */
    gboolean consent;  /* what it loses may be lost */
    gboolean optional; /* nothing to work on is no error */
    gboolean one_way;  /* nothing happens on the way back */
    BmTransformFunc *call, *back_call;
    const void *data; /* for them */
};

enum {
    BM_KEY_IN = 1 << 0,
    BM_KEY_NAME = 1 << 1,
    BM_KEY_TO = 1 << 2,
    BM_KEY_TO_IN = 1 << 3,
    BM_KEY_BEFORE = 1 << 4,
    BM_KEY_BACK_BEFORE = 1 << 5,
    BM_KEY_PARTS = 1 << 6,
    BM_KEY_FIELDS = 1 << 7,
    BM_KEY_VALUE = 1 << 8,
    BM_KEY_BACK_VALUE = 1 << 9,
    BM_KEY_TYPE = 1 << 10,
    BM_KEY_BACK_TYPE = 1 << 11,
    BM_KEY_WIDTH = 1 << 12,
    BM_KEY_BACK_WIDTH = 1 << 13,
    BM_KEY_VERSION = 1 << 14,
    BM_KEY_BACK_VERSION = 1 << 15,
    BM_KEY_CODE = 1 << 16,
    BM_KEY_CALL = 1 << 17 /* only in C */
};

/* ---- the operations; bermig-rules(5) describes them ---- */

extern const BmOperation bm_op_rename;
extern const BmOperation bm_op_move;
extern const BmOperation bm_op_split_bits;
extern const BmOperation bm_op_join_bits;
extern const BmOperation bm_op_split_array;
extern const BmOperation bm_op_join_arrays;
extern const BmOperation bm_op_resize;
extern const BmOperation bm_op_set;
extern const BmOperation bm_op_add;
extern const BmOperation bm_op_drop_if;
extern const BmOperation bm_op_drop;
extern const BmOperation bm_op_add_subsection;
extern const BmOperation bm_op_drop_subsection;
extern const BmOperation bm_op_version;
extern const BmOperation bm_op_rename_device;
extern const BmOperation bm_op_drop_device;
extern const BmOperation bm_op_drop_command;
extern const BmOperation bm_op_call;

/* NULL if there is none of that name. */
const BmOperation *bm_operation_find(const char *name);

/* ---- applying them ---- */

/* What one transformation did to one thing. */
typedef struct BmChange {
    const BmTransform *by;
    const char *device; /* NULL: a command */
    uint32_t instance;
    const char *path; /* "" for the device itself */
    const char *what; /* "renamed to x", "dropped" */
    const char *lost; /* the value that is gone; NULL: nothing is */
    gboolean refused; /* it is lost without consent */
} BmChange;

struct BmTransformer {
    gboolean consent;                                    /* to everything */
    void (*changed)(void *user, const BmChange *change); /* may be NULL */
    void *user;
    guint refused; /* losses so far that nobody consented to */
};

/* For operations in C: reports a change, and that something was lost. */
void bm_transformer_changed(BmTransformer *by, const BmTransform *t, const BmDeviceState *device,
                            const char *path, const char *what);
void bm_transformer_lost(BmTransformer *by, const BmTransform *t, const BmDeviceState *device,
                         const char *path, const char *what, const char *value);

/* FALSE: it is for something else of a stream. */
gboolean bm_transform_is_for_devices(const BmTransform *t);
/* TRUE if its globs match such a device; whatever it is for. */
gboolean bm_transform_matches(const BmTransform *t, const char *device, uint32_t instance);
/* Applies one that matches. */
gboolean bm_transform_apply(const BmTransform *t, BmDeviceState *device, BmTransformer *by,
                            GError **error);
/* FALSE, with an error, if there is no way back. */
gboolean bm_transform_invert(const BmTransform *t, BmTransform *back, GError **error);

/* ---- chains ---- */

typedef struct BmStep {
    const char *from, *to;         /* levels; NULL: applied whatever the levels are */
    const BmTransform *transforms; /* up to one without an operation */
} BmStep;

typedef struct BmChain BmChain;

/* The steps from level `from` to level `to`, by the shortest way; NULL for both:
 * only steps without levels.  Steps, and all that they point to, must outlive
 * the chain. */
BmChain *bm_chain_new(const BmStep *steps, guint n_steps, const char *from, const char *to,
                      GError **error);
void bm_chain_free(BmChain *chain); /* NULL is fine */
guint bm_chain_length(const BmChain *chain);
const BmTransform *bm_chain_get(const BmChain *chain, guint i);
/* TRUE if there is a transformation for this device. */
gboolean bm_chain_matches(const BmChain *chain, const char *device, uint32_t instance);
/* Applies those that match, in order.  Fails with BM_REFUSED if something was
 * lost without consent; all of it has then been reported, and the device is
 * changed as if there had been consent.  After another error it is undefined
 * which changes have been made. */
gboolean bm_chain_apply(const BmChain *chain, BmDeviceState *device, BmTransformer *by,
                        GError **error);
/* FALSE if the command is to be left out. */
gboolean bm_chain_keeps_command(const BmChain *chain, uint32_t code, BmOctets data,
                                BmTransformer *by);

#endif
