/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's spelling of device tables.
 *
 * A device's table from QEMU compiles with its text unchanged and becomes a table
 * of ours:
 *
 *     #define BM_WANT_QEMU_NAMES
 *     #include "qemu-vmstate.h"
 *
 *     static const VMStateDescription vmstate_timer = {
 *         .name = "timer",
 *         .version_id = 1,
 *         .minimum_version_id = 1,
 *         .fields = (const VMStateField[]) {
 *             VMSTATE_UINT32(reload, Timer),
 *             VMSTATE_END_OF_LIST()
 *         }
 *     };
 *
 *     bm_table_save(bm_qemu_table(&vmstate_timer), ...)
 *
 * No header of QEMU is needed, and none may be there: the names would be there
 * twice.  All of them are in this file, so that nobody gets them who did not ask.
 * Names and the order of arguments are those of QEMU 5.2 to 11.1; where releases
 * differ (the hint of the _EQUAL macros) both forms are taken.
 *
 * What is otherwise than in QEMU:
 *  - A result of a pre_save, post_save, pre_load or post_load that is not 0 becomes
 *    the error BM_MISMATCH, which names the errno.
 *  - Arrays elsewhere whose length is in another member may have at most
 *    BM_QEMU_MOST elements, of structs BM_QEMU_MOST_STRUCTS, so that bm_table_schema(),
 *    which describes the most there may be, stays within its limits; define them
 *    before the header if a device has more.  If loading does not allocate them, nobody knows how
 *    much room there is, as in QEMU: check the length with VMSTATE_VALIDATE.
 *  - Lists are those of <sys/queue.h>, whose TAILQ and LIST lie in memory as
 *    QEMU's QTAILQ and QLIST do.  QTAILQ_HEAD, QTAILQ_ENTRY, QLIST_HEAD and
 *    QLIST_ENTRY are here; for the rest use TAILQ_FOREACH and its like.
 *  - An array of VMSTATE_GBYTEARRAY has at most BM_QEMU_MOST octets; it is made if there
 *    is none.
 *  - The tree of VMSTATE_GTREE_V is made by pre_load, as in QEMU, since only the device
 *    knows how its keys compare; without one, loading it is an error.
 *  - A timer is its deadline: loading stores it, to arm it is for post_load.
 *  - early_setup and dev_unplug_pending are taken and mean nothing here.
 *  - pre_save_errp, pre_load_errp and post_load_errp return bool, as from QEMU 11.0
 *    on (those of 10.2 return int and do not compile); Error is GError, and
 *    error_setg() is here.
 *  - A VMStateInfo of the device's own reads and writes a QEMUFile, which is not here.
 *    One line before the table says what it is in the stream instead, and the rows
 *    that name it stay as they are:
 *
 *        #define BM_QEMU_vmstate_info_level BM_QEMU_INFO("level", 3, get_level, put_level)
 *        ...
 *            VMSTATE_SINGLE(level, Timer, 0, vmstate_info_level, Level),
 *
 *    3 octets of the type that QEMU's description calls "level", from the member by
 *    get_level() and into it by put_level(), which are those of a BmTableField.
 *
 * What does not compile, and why:
 *  - VMSTATE_FD: a file descriptor means nothing outside of its process, and travels
 *    beside the stream.
 */
#ifndef BM_QEMU_VMSTATE_H
#define BM_QEMU_VMSTATE_H

#ifndef BM_WANT_QEMU_NAMES
#error "this header takes QEMU's names: define BM_WANT_QEMU_NAMES if that is what you want"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "table.h"

#ifndef BM_QEMU_MOST
#define BM_QEMU_MOST BM_LIMIT_COUNT
#endif
#ifndef BM_QEMU_MOST_STRUCTS
#define BM_QEMU_MOST_STRUCTS (BM_QEMU_MOST < 65536 ? BM_QEMU_MOST : 65536)
#endif

/* ---- descriptions ---- */

typedef enum {
    MIG_PRI_UNINITIALIZED = 0,
    MIG_PRI_LOW,
    MIG_PRI_DEFAULT,
    MIG_PRI_IOMMU,
    MIG_PRI_PCI_BUS,
    MIG_PRI_VIRTIO_MEM,
    MIG_PRI_APIC,
    MIG_PRI_GICV3_ITS,
    MIG_PRI_GICV3,
    MIG_PRI_MAX
} MigrationPriority;

typedef BmTableField VMStateField;
typedef struct VMStateDescription VMStateDescription;

/* A BmTable with other names for the members: the assertions below keep it so.
 * Those that QEMU does not have are called bm_. */
struct VMStateDescription {
    const char *name;
    int version_id, minimum_version_id;
    const VMStateField *fields;
    const VMStateDescription *const *subsections;
    size_t bm_size;
    MigrationPriority priority;
    const char *bm_why_not;
    const BmNotSent *bm_not_sent;
    gboolean (*bm_needed)(const void *object);
    const char *bm_condition;
    gboolean bm_droppable;
    gboolean (*bm_pre_save)(void *object, GError **error);
    gboolean (*bm_post_save)(void *object, GError **error);
    gboolean (*bm_pre_load)(void *object, GError **error);
    gboolean (*bm_post_load)(void *object, uint32_t version, GError **error);
    struct {
        bool (*needed)(void *object);
        int (*pre_save)(void *object);
        int (*post_save)(void *object);
        int (*pre_load)(void *object);
        int (*post_load)(void *object, int version_id);
        bool (*pre_save_errp)(void *object, GError **error);
        bool (*pre_load_errp)(void *object, GError **error);
        bool (*post_load_errp)(void *object, int version_id, GError **error);
        bool unmigratable;
    };
    /* not in a BmTable */
    bool early_setup;
    bool (*dev_unplug_pending)(void *object);
};

#define BM_QEMU_SAME(a, b)                                                                         \
    _Static_assert(offsetof(VMStateDescription, a) == offsetof(BmTable, b), #a " is not " #b)
BM_QEMU_SAME(name, name);
BM_QEMU_SAME(version_id, version);
BM_QEMU_SAME(minimum_version_id, minimum_version);
BM_QEMU_SAME(fields, fields);
BM_QEMU_SAME(subsections, subsections);
BM_QEMU_SAME(bm_size, size);
BM_QEMU_SAME(priority, priority);
BM_QEMU_SAME(bm_why_not, why_not);
BM_QEMU_SAME(bm_not_sent, not_sent);
BM_QEMU_SAME(bm_needed, needed);
BM_QEMU_SAME(bm_condition, condition);
BM_QEMU_SAME(bm_droppable, droppable);
BM_QEMU_SAME(bm_pre_save, pre_save);
BM_QEMU_SAME(bm_post_save, post_save);
BM_QEMU_SAME(bm_pre_load, pre_load);
BM_QEMU_SAME(bm_post_load, post_load);
BM_QEMU_SAME(needed, foreign.needed);
BM_QEMU_SAME(pre_save, foreign.pre_save);
BM_QEMU_SAME(post_save, foreign.post_save);
BM_QEMU_SAME(pre_load, foreign.pre_load);
BM_QEMU_SAME(post_load, foreign.post_load);
BM_QEMU_SAME(pre_save_errp, foreign.pre_save_errp);
BM_QEMU_SAME(pre_load_errp, foreign.pre_load_errp);
BM_QEMU_SAME(post_load_errp, foreign.post_load_errp);
BM_QEMU_SAME(unmigratable, foreign.unmigratable);
_Static_assert(sizeof(VMStateDescription) >= sizeof(BmTable), "a BmTable has more members");
#undef BM_QEMU_SAME

/* The table that a description is.  A constant: it may stand in initializers. */
#define BM_QEMU_TABLE(vmsd) ((const BmTable *)(1 ? (vmsd) : (const VMStateDescription *)0))

static inline const BmTable *bm_qemu_table(const VMStateDescription *vmsd)
{
    return BM_QEMU_TABLE(vmsd);
}

/* ---- types of members ---- */

/* Define BM_QEMU_HAVE_TYPES if you bring your own, as long as they begin alike. */
#ifndef BM_QEMU_HAVE_TYPES
typedef struct QEMUTimer {
    int64_t expire_time; /* ns; -1: off */
} QEMUTimer;

typedef union CPU_DoubleU {
    double d;
    uint64_t ll;
} CPU_DoubleU;

typedef uint64_t float64;

typedef GError Error;
#define error_setg(errp, ...)                                                                      \
    ((void)bm_error_set(errp, BM_MISMATCH, BM_NO_OFFSET, NULL, __VA_ARGS__))

#define QTAILQ_HEAD(name, type) TAILQ_HEAD(name, type)
#define QTAILQ_ENTRY(type) TAILQ_ENTRY(type)
#define QLIST_HEAD(name, type) LIST_HEAD(name, type)
#define QLIST_ENTRY(type) LIST_ENTRY(type)
#endif

_Static_assert(offsetof(QEMUTimer, expire_time) == 0, "a timer begins with its deadline");

/* What vmstate_info_... means: the macros paste the name that they are given. */
#define BM_QEMU_vmstate_info_bool BM_TYPE_BOOL
#define BM_QEMU_vmstate_info_int8 BM_TYPE_I8
#define BM_QEMU_vmstate_info_int16 BM_TYPE_I16
#define BM_QEMU_vmstate_info_int32 BM_TYPE_I32
#define BM_QEMU_vmstate_info_int64 BM_TYPE_I64
#define BM_QEMU_vmstate_info_uint8 BM_TYPE_U8
#define BM_QEMU_vmstate_info_uint16 BM_TYPE_U16
#define BM_QEMU_vmstate_info_uint32 BM_TYPE_U32
#define BM_QEMU_vmstate_info_uint64 BM_TYPE_U64
#define BM_QEMU_vmstate_info_uint8_equal BM_TYPE_U8, .flags = BM_EQUAL
#define BM_QEMU_vmstate_info_uint16_equal BM_TYPE_U16, .flags = BM_EQUAL
#define BM_QEMU_vmstate_info_uint32_equal BM_TYPE_U32, .flags = BM_EQUAL
#define BM_QEMU_vmstate_info_uint64_equal BM_TYPE_U64, .flags = BM_EQUAL
#define BM_QEMU_vmstate_info_int32_equal BM_TYPE_I32, .flags = BM_EQUAL
#define BM_QEMU_vmstate_info_int32_le BM_TYPE_I32, .flags = BM_AT_MOST
#define BM_QEMU_vmstate_info_timer BM_TYPE_TIMER
#define BM_QEMU_vmstate_info_float64 BM_TYPE_F64
#define BM_QEMU_vmstate_info_cpudouble BM_TYPE_F64, .type_name = "CPU_Double_U"
#define BM_QEMU_vmstate_info_buffer BM_TYPE_BUFFER
#define BM_QEMU_vmstate_info_unused_buffer BM_TYPE_UNUSED

/* One of the device's own: see the head of this file. */
#define BM_QEMU_INFO(_type_name, _octets, _get, _put)                                              \
    BM_TYPE_CUSTOM, .type_name = (_type_name), .octets = (_octets), .get = (_get), .put = (_put)

/* ---- the rows that all others are made of ---- */

#define BM_QEMU_ROW(_name, _kind, _test, _version, ...)                                            \
    {                                                                                              \
        .name = (_name), .type = _kind, .exists = (_test), .since = (_version), __VA_ARGS__        \
    }
#define BM_QEMU_MOST_OF(_state, _field, _type) (sizeof(((_state *)0)->_field) / sizeof(_type))

#define VMSTATE_SINGLE_TEST(_field, _state, _test, _version, _info, _type)                         \
    BM_QEMU_ROW(#_field, BM_QEMU_##_info, _test, _version,                                         \
                .offset = BM_OFFSET(_state, _field, _type), .size = sizeof(_type))
#define VMSTATE_SINGLE_FULL(_field, _state, _test, _version, _info, _type)                         \
    VMSTATE_SINGLE_TEST(_field, _state, _test, _version, _info, _type)
#define VMSTATE_SINGLE(_field, _state, _version, _info, _type)                                     \
    VMSTATE_SINGLE_TEST(_field, _state, NULL, _version, _info, _type)

#define VMSTATE_VALIDATE(_name, _test) BM_QEMU_ROW(_name, BM_TYPE_CHECK, _test, 0, .size = 0)

/* As in QEMU, `_type` is that of the member: a pointer. */
#define BM_QEMU_POINTER(_field, _state, _test, _version, _info, _type)                             \
    BM_QEMU_ROW(#_field, BM_QEMU_##_info, _test, _version, .shape = BM_SHAPE_POINTER,              \
                .offset = BM_OFFSET(_state, _field, _type), .size = sizeof(*(_type)0))
#define VMSTATE_POINTER(_field, _state, _version, _info, _type)                                    \
    BM_QEMU_POINTER(_field, _state, NULL, _version, _info, _type)
#define VMSTATE_POINTER_TEST(_field, _state, _test, _info, _type)                                  \
    BM_QEMU_POINTER(_field, _state, _test, 0, _info, _type)

#define BM_QEMU_ARRAY_TEST(_field, _state, _num, _test, _version, _info, _type)                    \
    BM_QEMU_ROW(#_field, BM_QEMU_##_info, _test, _version,                                         \
                .offset = BM_OFFSET(_state, _field, _type[_num]), .size = sizeof(_type),           \
                .count = (_num))
#define VMSTATE_ARRAY(_field, _state, _num, _version, _info, _type)                                \
    BM_QEMU_ARRAY_TEST(_field, _state, _num, NULL, _version, _info, _type)
#define VMSTATE_ARRAY_TEST(_field, _state, _num, _test, _info, _type)                              \
    BM_QEMU_ARRAY_TEST(_field, _state, _num, _test, 0, _info, _type)
#define VMSTATE_2DARRAY(_field, _state, _n1, _n2, _version, _info, _type)                          \
    BM_QEMU_ROW(#_field, BM_QEMU_##_info, NULL, _version,                                          \
                .offset = BM_OFFSET(_state, _field, _type[_n1][_n2]), .size = sizeof(_type),       \
                .count = (_n1) * (_n2))
#define VMSTATE_SUB_ARRAY(_field, _state, _start, _num, _version, _info, _type)                    \
    BM_QEMU_ROW(#_field, BM_QEMU_##_info, NULL, _version,                                          \
                .offset = BM_OFFSET(_state, _field[_start], _type), .size = sizeof(_type),         \
                .count = (_num))

/* `_shape`: POINTER or ALLOCATED. */
#define BM_QEMU_VARRAY(_field, _state, _num, _version, _info, _type, _shape)                       \
    BM_QEMU_ROW(#_field, BM_QEMU_##_info, NULL, _version, .shape = BM_SHAPE_##_shape,              \
                .offset = BM_OFFSET(_state, _field, _type *), .size = sizeof(_type),               \
                .count = BM_QEMU_MOST, .counter = BM_COUNTER(_state, _num))
#define VMSTATE_VARRAY(_field, _state, _num, _version, _info, _type)                               \
    BM_QEMU_VARRAY(_field, _state, _num, _version, _info, _type, POINTER)
#define VMSTATE_VARRAY_UINT8 VMSTATE_VARRAY
#define VMSTATE_VARRAY_UINT16 VMSTATE_VARRAY
#define VMSTATE_VARRAY_UINT32 VMSTATE_VARRAY
#define VMSTATE_VARRAY_INT32 VMSTATE_VARRAY
#define VMSTATE_VARRAY_ALLOC(_field, _state, _num, _version, _info, _type)                         \
    BM_QEMU_VARRAY(_field, _state, _num, _version, _info, _type, ALLOCATED)
#define VMSTATE_VARRAY_UINT8_ALLOC VMSTATE_VARRAY_ALLOC
#define VMSTATE_VARRAY_UINT16_ALLOC VMSTATE_VARRAY_ALLOC
#define VMSTATE_VARRAY_UINT32_ALLOC VMSTATE_VARRAY_ALLOC
#define VMSTATE_VARRAY_INT32_ALLOC VMSTATE_VARRAY_ALLOC
#define VMSTATE_VARRAY_UNSAFE(_field, _state, _num, _version, _info, _type)                        \
    BM_QEMU_ROW(                                                                                   \
        #_field, BM_QEMU_##_info, NULL, _version, .size = sizeof(_type),                           \
        .offset = BM_OFFSET(_state, _field, _type[BM_QEMU_MOST_OF(_state, _field, _type)]),        \
        .count = BM_QEMU_MOST_OF(_state, _field, _type), .counter = BM_COUNTER(_state, _num))
#define VMSTATE_VARRAY_UINT16_UNSAFE VMSTATE_VARRAY_UNSAFE
#define VMSTATE_VARRAY_MULTIPLY(_field, _state, _num, _multiply, _info, _type)                     \
    BM_QEMU_ROW(#_field, BM_QEMU_##_info, NULL, 0, .size = sizeof(_type),                          \
                .offset =                                                                          \
                    BM_OFFSET(_state, _field, _type[BM_QEMU_MOST_OF(_state, _field, _type)]),      \
                .count = BM_QEMU_MOST_OF(_state, _field, _type),                                   \
                .counter = BM_QEMU_COUNTER_TIMES(_state, _num, _multiply))
#define BM_QEMU_COUNTER_TIMES(_state, _num, _multiply)                                             \
    {                                                                                              \
        .type = BM_COUNTER_TYPE(_state, _num),                                                     \
        .offset =                                                                                  \
            offsetof(_state, _num) + 0 * sizeof(char[BM_COUNTER_TYPE(_state, _num) ? 1 : -1]),     \
        .times = (_multiply)                                                                       \
    }
#define VMSTATE_VARRAY_OF_POINTER_UINT32(_field, _state, _num, _version, _info, _type)             \
    BM_QEMU_ROW(#_field, BM_QEMU_##_info, NULL, _version, .shape = BM_SHAPE_POINTERS_ELSEWHERE,    \
                .offset = BM_OFFSET(_state, _field, _type *), .size = sizeof(*(_type)0),           \
                .count = BM_QEMU_MOST, .counter = BM_COUNTER(_state, _num))
#define VMSTATE_ARRAY_OF_POINTER(_field, _state, _num, _version, _info, _type)                     \
    BM_QEMU_ROW(#_field, BM_QEMU_##_info, NULL, _version, .shape = BM_SHAPE_POINTERS,              \
                .offset = BM_OFFSET(_state, _field, _type *[_num]), .size = sizeof(_type),         \
                .count = (_num))

/* ---- structs ---- */

#define BM_QEMU_STRUCT(_field, _test, _version, _vmsd, _type, ...)                                 \
    BM_QEMU_ROW(#_field, BM_TYPE_STRUCT, _test, _version, .table = BM_QEMU_TABLE(&(_vmsd)),        \
                .size = sizeof(_type), __VA_ARGS__)

#define VMSTATE_STRUCT_TEST(_field, _state, _test, _version, _vmsd, _type)                         \
    BM_QEMU_STRUCT(_field, _test, _version, _vmsd, _type,                                          \
                   .offset = BM_OFFSET(_state, _field, _type))
#define VMSTATE_STRUCT(_field, _state, _version, _vmsd, _type)                                     \
    VMSTATE_STRUCT_TEST(_field, _state, NULL, _version, _vmsd, _type)
#define VMSTATE_STRUCT_POINTER_TEST_V(_field, _state, _test, _version, _vmsd, _type)               \
    BM_QEMU_STRUCT(_field, _test, _version, _vmsd, _type, .shape = BM_SHAPE_POINTER,               \
                   .offset = BM_OFFSET(_state, _field, _type *))
#define VMSTATE_STRUCT_POINTER_V(_field, _state, _version, _vmsd, _type)                           \
    VMSTATE_STRUCT_POINTER_TEST_V(_field, _state, NULL, _version, _vmsd, _type)
#define VMSTATE_STRUCT_POINTER(_field, _state, _vmsd, _type)                                       \
    VMSTATE_STRUCT_POINTER_TEST_V(_field, _state, NULL, 0, _vmsd, _type)
#define VMSTATE_STRUCT_POINTER_TEST(_field, _state, _test, _vmsd, _type)                           \
    VMSTATE_STRUCT_POINTER_TEST_V(_field, _state, _test, 0, _vmsd, _type)
#define VMSTATE_STRUCT_ARRAY_TEST(_field, _state, _num, _test, _version, _vmsd, _type)             \
    BM_QEMU_STRUCT(_field, _test, _version, _vmsd, _type,                                          \
                   .offset = BM_OFFSET(_state, _field, _type[_num]), .count = (_num))
#define VMSTATE_STRUCT_ARRAY(_field, _state, _num, _version, _vmsd, _type)                         \
    VMSTATE_STRUCT_ARRAY_TEST(_field, _state, _num, NULL, _version, _vmsd, _type)
#define VMSTATE_STRUCT_SUB_ARRAY(_field, _state, _start, _num, _version, _vmsd, _type)             \
    BM_QEMU_STRUCT(_field, NULL, _version, _vmsd, _type,                                           \
                   .offset = BM_OFFSET(_state, _field[_start], _type), .count = (_num))
#define VMSTATE_STRUCT_2DARRAY_TEST(_field, _state, _n1, _n2, _test, _version, _vmsd, _type)       \
    BM_QEMU_STRUCT(_field, _test, _version, _vmsd, _type,                                          \
                   .offset = BM_OFFSET(_state, _field, _type[_n1][_n2]), .count = (_n1) * (_n2))
#define VMSTATE_STRUCT_2DARRAY(_field, _state, _n1, _n2, _version, _vmsd, _type)                   \
    VMSTATE_STRUCT_2DARRAY_TEST(_field, _state, _n1, _n2, NULL, _version, _vmsd, _type)
#define VMSTATE_ARRAY_OF_POINTER_TO_STRUCT(_field, _state, _num, _version, _vmsd, _type)           \
    BM_QEMU_STRUCT(_field, NULL, _version, _vmsd, _type, .shape = BM_SHAPE_POINTERS,               \
                   .offset = BM_OFFSET(_state, _field, _type *[_num]), .count = (_num))

/* Structs as of another version of their description. */
#define VMSTATE_VSTRUCT_TEST(_field, _state, _test, _version, _vmsd, _type, _struct_version)       \
    BM_QEMU_STRUCT(_field, _test, _version, _vmsd, _type, .version = (_struct_version),            \
                   .offset = BM_OFFSET(_state, _field, _type))
#define VMSTATE_VSTRUCT_V(_field, _state, _version, _vmsd, _type, _struct_version)                 \
    VMSTATE_VSTRUCT_TEST(_field, _state, NULL, _version, _vmsd, _type, _struct_version)
#define VMSTATE_VSTRUCT(_field, _state, _vmsd, _type, _struct_version)                             \
    VMSTATE_VSTRUCT_TEST(_field, _state, NULL, 0, _vmsd, _type, _struct_version)
#define VMSTATE_VSTRUCT_POINTER_TEST_V(_field, _state, _test, _version, _vmsd, _type,              \
                                       _struct_version)                                            \
    BM_QEMU_STRUCT(_field, _test, _version, _vmsd, _type, .version = (_struct_version),            \
                   .shape = BM_SHAPE_POINTER, .offset = BM_OFFSET(_state, _field, _type *))
#define VMSTATE_VSTRUCT_POINTER_V(_field, _state, _version, _vmsd, _type, _struct_version)         \
    VMSTATE_VSTRUCT_POINTER_TEST_V(_field, _state, NULL, _version, _vmsd, _type, _struct_version)
#define VMSTATE_VSTRUCT_ARRAY_TEST(_field, _state, _num, _test, _version, _vmsd, _type,            \
                                   _struct_version)                                                \
    BM_QEMU_STRUCT(_field, _test, _version, _vmsd, _type, .version = (_struct_version),            \
                   .offset = BM_OFFSET(_state, _field, _type[_num]), .count = (_num))

#define VMSTATE_STRUCT_VARRAY(_field, _state, _num, _version, _vmsd, _type)                        \
    BM_QEMU_STRUCT(                                                                                \
        _field, NULL, _version, _vmsd, _type,                                                      \
        .offset = BM_OFFSET(_state, _field, _type[BM_QEMU_MOST_OF(_state, _field, _type)]),        \
        .count = BM_QEMU_MOST_OF(_state, _field, _type), .counter = BM_COUNTER(_state, _num))
#define VMSTATE_STRUCT_VARRAY_UINT8 VMSTATE_STRUCT_VARRAY
#define VMSTATE_STRUCT_VARRAY_UINT16 VMSTATE_STRUCT_VARRAY
#define VMSTATE_STRUCT_VARRAY_UINT32 VMSTATE_STRUCT_VARRAY
#define VMSTATE_STRUCT_VARRAY_INT32 VMSTATE_STRUCT_VARRAY
#define VMSTATE_STRUCT_VARRAY_POINTER_KNOWN(_field, _state, _num, _version, _vmsd, _type)          \
    BM_QEMU_STRUCT(_field, NULL, _version, _vmsd, _type, .shape = BM_SHAPE_POINTER,                \
                   .offset = BM_OFFSET(_state, _field, _type *), .count = (_num))
#define BM_QEMU_STRUCT_VARRAY(_field, _state, _num, _version, _vmsd, _type, _shape)                \
    BM_QEMU_STRUCT(_field, NULL, _version, _vmsd, _type, .shape = BM_SHAPE_##_shape,               \
                   .offset = BM_OFFSET(_state, _field, _type *), .count = BM_QEMU_MOST_STRUCTS,    \
                   .counter = BM_COUNTER(_state, _num))
#define VMSTATE_STRUCT_VARRAY_POINTER(_field, _state, _num, _vmsd, _type)                          \
    BM_QEMU_STRUCT_VARRAY(_field, _state, _num, 0, _vmsd, _type, POINTER)
#define VMSTATE_STRUCT_VARRAY_POINTER_UINT16 VMSTATE_STRUCT_VARRAY_POINTER
#define VMSTATE_STRUCT_VARRAY_POINTER_UINT32 VMSTATE_STRUCT_VARRAY_POINTER
#define VMSTATE_STRUCT_VARRAY_POINTER_INT32 VMSTATE_STRUCT_VARRAY_POINTER
#define VMSTATE_STRUCT_VARRAY_ALLOC(_field, _state, _num, _version, _vmsd, _type)                  \
    BM_QEMU_STRUCT_VARRAY(_field, _state, _num, _version, _vmsd, _type, ALLOCATED)

#define VMSTATE_WITH_TMP_TEST(_state, _test, _tmp_type, _vmsd)                                     \
    BM_QEMU_ROW("tmp", BM_TYPE_TEMP, _test, 0, .table = BM_QEMU_TABLE(&(_vmsd)),                   \
                .size = sizeof(_tmp_type) + BM_OFFSET(_tmp_type, parent, _state *))
#define VMSTATE_WITH_TMP(_state, _tmp_type, _vmsd)                                                 \
    VMSTATE_WITH_TMP_TEST(_state, NULL, _tmp_type, _vmsd)

/* ---- lists and trees ---- */

#define VMSTATE_QTAILQ_V(_field, _state, _version, _vmsd, _type, _next)                            \
    BM_QEMU_ROW(#_field, BM_TYPE_TAILQ, NULL, _version, .table = BM_QEMU_TABLE(&(_vmsd)),          \
                .type_name = "qtailq", .offset = offsetof(_state, _field), .size = sizeof(_type),  \
                .count = BM_QEMU_MOST, .link = offsetof(_type, _next))
#define VMSTATE_QLIST_V(_field, _state, _version, _vmsd, _type, _next)                             \
    BM_QEMU_ROW(#_field, BM_TYPE_LIST, NULL, _version, .table = BM_QEMU_TABLE(&(_vmsd)),           \
                .type_name = "qlist", .offset = offsetof(_state, _field), .size = sizeof(_type),   \
                .count = BM_QEMU_MOST, .link = offsetof(_type, _next))
#define VMSTATE_GTREE_DIRECT_KEY_V(_field, _state, _version, _vmsd, _val_type)                     \
    BM_QEMU_ROW(#_field, BM_TYPE_TREE, NULL, _version, .table = BM_QEMU_TABLE(_vmsd),              \
                .offset = BM_OFFSET(_state, _field, GTree *), .size = sizeof(_val_type),           \
                .count = BM_QEMU_MOST)

/* _vmsd: two descriptions, of the values and of the keys, in this order. */
#define VMSTATE_GTREE_V(_field, _state, _version, _vmsd, _key_type, _val_type)                     \
    BM_QEMU_ROW(#_field, BM_TYPE_TREE_OF_NODES, NULL, _version,                                    \
                .offset = BM_OFFSET(_state, _field, GTree *), .count = BM_QEMU_MOST,               \
                .table = BM_TREE_NODE(BM_QEMU_TABLE(&(_vmsd)[1]), _key_type,                       \
                                      BM_QEMU_TABLE(&(_vmsd)[0]), _val_type))

/* ---- octets ---- */

#define VMSTATE_STATIC_BUFFER(_field, _state, _version, _test, _start, _size)                      \
    BM_QEMU_ROW(#_field, BM_TYPE_BUFFER, _test, _version,                                          \
                .offset = offsetof(_state, _field) + (_start), .size = (_size) - (_start))
#define VMSTATE_BUFFER_V(_field, _state, _version)                                                 \
    VMSTATE_STATIC_BUFFER(_field, _state, _version, NULL, 0, sizeof(((_state *)0)->_field))
#define VMSTATE_BUFFER(_field, _state) VMSTATE_BUFFER_V(_field, _state, 0)
#define VMSTATE_BUFFER_TEST(_field, _state, _test)                                                 \
    VMSTATE_STATIC_BUFFER(_field, _state, 0, _test, 0, sizeof(((_state *)0)->_field))
#define VMSTATE_PARTIAL_BUFFER(_field, _state, _size)                                              \
    VMSTATE_STATIC_BUFFER(_field, _state, 0, NULL, 0, _size)
#define VMSTATE_BUFFER_START_MIDDLE_V(_field, _state, _start, _version)                            \
    VMSTATE_STATIC_BUFFER(_field, _state, _version, NULL, _start, sizeof(((_state *)0)->_field))
#define VMSTATE_BUFFER_START_MIDDLE(_field, _state, _start)                                        \
    VMSTATE_BUFFER_START_MIDDLE_V(_field, _state, _start, 0)
#define VMSTATE_BUFFER_UNSAFE_INFO_TEST(_field, _state, _test, _version, _info, _size)             \
    BM_QEMU_ROW(#_field, BM_QEMU_##_info, _test, _version, .offset = offsetof(_state, _field),     \
                .size = (_size))
#define VMSTATE_BUFFER_UNSAFE_INFO(_field, _state, _version, _info, _size)                         \
    VMSTATE_BUFFER_UNSAFE_INFO_TEST(_field, _state, NULL, _version, _info, _size)
#define VMSTATE_BUFFER_UNSAFE(_field, _state, _version, _size)                                     \
    VMSTATE_BUFFER_UNSAFE_INFO(_field, _state, _version, vmstate_info_buffer, _size)
#define VMSTATE_BUFFER_POINTER_UNSAFE(_field, _state, _version, _size)                             \
    BM_QEMU_ROW(#_field, BM_TYPE_BUFFER, NULL, _version, .shape = BM_SHAPE_POINTER,                \
                .offset = offsetof(_state, _field), .size = (_size))

#define BM_QEMU_VBUFFER(_field, _state, _version, _test, _num, _times, _shape)                     \
    BM_QEMU_ROW(#_field, BM_TYPE_BUFFER, _test, _version, .shape = BM_SHAPE_##_shape,              \
                .offset = offsetof(_state, _field), .size = 1, .count = BM_QEMU_MOST,              \
                .counter = BM_QEMU_COUNTER_TIMES(_state, _num, _times))
#define VMSTATE_VBUFFER_MULTIPLY(_field, _state, _version, _test, _num, _multiply)                 \
    BM_QEMU_VBUFFER(_field, _state, _version, _test, _num, _multiply, POINTER)
#define VMSTATE_VBUFFER(_field, _state, _version, _test, _num)                                     \
    BM_QEMU_VBUFFER(_field, _state, _version, _test, _num, 1, POINTER)
#define VMSTATE_VBUFFER_UINT32 VMSTATE_VBUFFER
#define VMSTATE_VBUFFER_UINT64 VMSTATE_VBUFFER
#define VMSTATE_VBUFFER_ALLOC(_field, _state, _version, _test, _num)                               \
    BM_QEMU_VBUFFER(_field, _state, _version, _test, _num, 1, ALLOCATED)
#define VMSTATE_VBUFFER_ALLOC_UINT32 VMSTATE_VBUFFER_ALLOC
#define VMSTATE_PARTIAL_VBUFFER(_field, _state, _num) VMSTATE_VBUFFER(_field, _state, 0, NULL, _num)
#define VMSTATE_PARTIAL_VBUFFER_UINT32 VMSTATE_PARTIAL_VBUFFER

#define VMSTATE_UNUSED_BUFFER(_test, _version, _size)                                              \
    BM_QEMU_ROW("unused", BM_TYPE_UNUSED, _test, _version, .size = (_size))
#define VMSTATE_UNUSED_V(_version, _size) VMSTATE_UNUSED_BUFFER(NULL, _version, _size)
#define VMSTATE_UNUSED(_size) VMSTATE_UNUSED_BUFFER(NULL, 0, _size)
#define VMSTATE_UNUSED_TEST(_test, _size) VMSTATE_UNUSED_BUFFER(_test, 0, _size)
#define VMSTATE_UNUSED_VARRAY(_state, _test, _version, _num, _size)                                \
    BM_QEMU_ROW("unused", BM_TYPE_UNUSED, _test, _version, .size = 1, .count = BM_QEMU_MOST,       \
                .counter = BM_QEMU_COUNTER_TIMES(_state, _num, _size))
#define VMSTATE_UNUSED_VARRAY_UINT32 VMSTATE_UNUSED_VARRAY

#define VMSTATE_BITMAP_TEST(_field, _state, _test, _version, _num)                                 \
    BM_QEMU_ROW(#_field, BM_TYPE_BITMAP, _test, _version, .shape = BM_SHAPE_POINTER,               \
                .offset = BM_OFFSET(_state, _field, unsigned long *), .size = 1,                   \
                .count = BM_QEMU_MOST, .counter = BM_COUNTER(_state, _num))
#define VMSTATE_BITMAP(_field, _state, _version, _num)                                             \
    VMSTATE_BITMAP_TEST(_field, _state, NULL, _version, _num)

#define VMSTATE_GBYTEARRAY(_field, _state, _version)                                               \
    BM_FIELD_BYTE_ARRAY(_state, _field, BM_QEMU_MOST, .since = (_version))

#define VMSTATE_FD(_field, _state) VMSTATE_FD_V(_field, _state, 0)
#define VMSTATE_FD_V(_field, _state, _version)                                                     \
    {                                                                                              \
        .size = sizeof(struct {                                                                    \
            _Static_assert(0,                                                                      \
                           "VMSTATE_FD: a descriptor is not in the stream, it travels beside it"); \
            char none;                                                                             \
        })                                                                                         \
    }

/* ---- one macro per type of member ---- */

#define VMSTATE_BOOL_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_bool, bool)
#define VMSTATE_INT8_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_int8, int8_t)
#define VMSTATE_INT16_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_int16, int16_t)
#define VMSTATE_INT32_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_int32, int32_t)
#define VMSTATE_INT64_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_int64, int64_t)
#define VMSTATE_UINT8_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_uint8, uint8_t)
#define VMSTATE_UINT16_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_uint16, uint16_t)
#define VMSTATE_UINT32_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_uint32, uint32_t)
#define VMSTATE_UINT64_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_uint64, uint64_t)
#define VMSTATE_FLOAT64_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_float64, float64)

#define VMSTATE_BOOL(_f, _s) VMSTATE_BOOL_V(_f, _s, 0)
#define VMSTATE_INT8(_f, _s) VMSTATE_INT8_V(_f, _s, 0)
#define VMSTATE_INT16(_f, _s) VMSTATE_INT16_V(_f, _s, 0)
#define VMSTATE_INT32(_f, _s) VMSTATE_INT32_V(_f, _s, 0)
#define VMSTATE_INT64(_f, _s) VMSTATE_INT64_V(_f, _s, 0)
#define VMSTATE_UINT8(_f, _s) VMSTATE_UINT8_V(_f, _s, 0)
#define VMSTATE_UINT16(_f, _s) VMSTATE_UINT16_V(_f, _s, 0)
#define VMSTATE_UINT32(_f, _s) VMSTATE_UINT32_V(_f, _s, 0)
#define VMSTATE_UINT64(_f, _s) VMSTATE_UINT64_V(_f, _s, 0)
#define VMSTATE_FLOAT64(_f, _s) VMSTATE_FLOAT64_V(_f, _s, 0)

#define VMSTATE_BOOL_TEST(_f, _s, _t) VMSTATE_SINGLE_TEST(_f, _s, _t, 0, vmstate_info_bool, bool)
#define VMSTATE_INT8_TEST(_f, _s, _t) VMSTATE_SINGLE_TEST(_f, _s, _t, 0, vmstate_info_int8, int8_t)
#define VMSTATE_INT16_TEST(_f, _s, _t)                                                             \
    VMSTATE_SINGLE_TEST(_f, _s, _t, 0, vmstate_info_int16, int16_t)
#define VMSTATE_INT32_TEST(_f, _s, _t)                                                             \
    VMSTATE_SINGLE_TEST(_f, _s, _t, 0, vmstate_info_int32, int32_t)
#define VMSTATE_INT64_TEST(_f, _s, _t)                                                             \
    VMSTATE_SINGLE_TEST(_f, _s, _t, 0, vmstate_info_int64, int64_t)
#define VMSTATE_UINT8_TEST(_f, _s, _t)                                                             \
    VMSTATE_SINGLE_TEST(_f, _s, _t, 0, vmstate_info_uint8, uint8_t)
#define VMSTATE_UINT16_TEST(_f, _s, _t)                                                            \
    VMSTATE_SINGLE_TEST(_f, _s, _t, 0, vmstate_info_uint16, uint16_t)
#define VMSTATE_UINT32_TEST(_f, _s, _t)                                                            \
    VMSTATE_SINGLE_TEST(_f, _s, _t, 0, vmstate_info_uint32, uint32_t)
#define VMSTATE_UINT64_TEST(_f, _s, _t)                                                            \
    VMSTATE_SINGLE_TEST(_f, _s, _t, 0, vmstate_info_uint64, uint64_t)

/* Up to QEMU 7.2 with a hint for people behind them, which is not used. */
#define VMSTATE_UINT8_EQUAL(_f, _s, ...)                                                           \
    VMSTATE_SINGLE(_f, _s, 0, vmstate_info_uint8_equal, uint8_t)
#define VMSTATE_UINT16_EQUAL_V(_f, _s, _v, ...)                                                    \
    VMSTATE_SINGLE(_f, _s, _v, vmstate_info_uint16_equal, uint16_t)
#define VMSTATE_UINT16_EQUAL(_f, _s, ...) VMSTATE_UINT16_EQUAL_V(_f, _s, 0)
#define VMSTATE_UINT32_EQUAL_V(_f, _s, _v, ...)                                                    \
    VMSTATE_SINGLE(_f, _s, _v, vmstate_info_uint32_equal, uint32_t)
#define VMSTATE_UINT32_EQUAL(_f, _s, ...) VMSTATE_UINT32_EQUAL_V(_f, _s, 0)
#define VMSTATE_UINT64_EQUAL_V(_f, _s, _v, ...)                                                    \
    VMSTATE_SINGLE(_f, _s, _v, vmstate_info_uint64_equal, uint64_t)
#define VMSTATE_UINT64_EQUAL(_f, _s, ...) VMSTATE_UINT64_EQUAL_V(_f, _s, 0)
#define VMSTATE_INT32_EQUAL(_f, _s, ...)                                                           \
    VMSTATE_SINGLE(_f, _s, 0, vmstate_info_int32_equal, int32_t)
#define VMSTATE_INT32_POSITIVE_LE(_f, _s) VMSTATE_SINGLE(_f, _s, 0, vmstate_info_int32_le, int32_t)

#define VMSTATE_TIMER_PTR_TEST(_f, _s, _t)                                                         \
    VMSTATE_POINTER_TEST(_f, _s, _t, vmstate_info_timer, QEMUTimer *)
#define VMSTATE_TIMER_PTR_V(_f, _s, _v) VMSTATE_POINTER(_f, _s, _v, vmstate_info_timer, QEMUTimer *)
#define VMSTATE_TIMER_PTR(_f, _s) VMSTATE_TIMER_PTR_V(_f, _s, 0)
#define VMSTATE_TIMER_PTR_ARRAY(_f, _s, _n)                                                        \
    VMSTATE_ARRAY_OF_POINTER(_f, _s, _n, 0, vmstate_info_timer, QEMUTimer)
#define VMSTATE_TIMER_PTR_VARRAY(_f, _s, _n)                                                       \
    VMSTATE_VARRAY_OF_POINTER_UINT32(_f, _s, _n, 0, vmstate_info_timer, QEMUTimer *)
#define VMSTATE_TIMER_TEST(_f, _s, _t)                                                             \
    VMSTATE_SINGLE_TEST(_f, _s, _t, 0, vmstate_info_timer, QEMUTimer)
#define VMSTATE_TIMER_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_timer, QEMUTimer)
#define VMSTATE_TIMER(_f, _s) VMSTATE_TIMER_V(_f, _s, 0)
#define VMSTATE_TIMER_ARRAY(_f, _s, _n) VMSTATE_ARRAY(_f, _s, _n, 0, vmstate_info_timer, QEMUTimer)

/* ---- arrays of them ---- */

#define VMSTATE_BOOL_ARRAY_V(_f, _s, _n, _v) VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_bool, bool)
#define VMSTATE_INT8_ARRAY_V(_f, _s, _n, _v)                                                       \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_int8, int8_t)
#define VMSTATE_INT16_ARRAY_V(_f, _s, _n, _v)                                                      \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_int16, int16_t)
#define VMSTATE_INT32_ARRAY_V(_f, _s, _n, _v)                                                      \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_int32, int32_t)
#define VMSTATE_INT64_ARRAY_V(_f, _s, _n, _v)                                                      \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_int64, int64_t)
#define VMSTATE_UINT8_ARRAY_V(_f, _s, _n, _v)                                                      \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_uint8, uint8_t)
#define VMSTATE_UINT16_ARRAY_V(_f, _s, _n, _v)                                                     \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_uint16, uint16_t)
#define VMSTATE_UINT32_ARRAY_V(_f, _s, _n, _v)                                                     \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_uint32, uint32_t)
#define VMSTATE_UINT64_ARRAY_V(_f, _s, _n, _v)                                                     \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_uint64, uint64_t)
#define VMSTATE_FLOAT64_ARRAY_V(_f, _s, _n, _v)                                                    \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_float64, float64)
#define VMSTATE_CPUDOUBLE_ARRAY_V(_f, _s, _n, _v)                                                  \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_cpudouble, CPU_DoubleU)

#define VMSTATE_BOOL_ARRAY(_f, _s, _n) VMSTATE_BOOL_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_INT8_ARRAY(_f, _s, _n) VMSTATE_INT8_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_INT16_ARRAY(_f, _s, _n) VMSTATE_INT16_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_INT32_ARRAY(_f, _s, _n) VMSTATE_INT32_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_INT64_ARRAY(_f, _s, _n) VMSTATE_INT64_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_UINT8_ARRAY(_f, _s, _n) VMSTATE_UINT8_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_UINT16_ARRAY(_f, _s, _n) VMSTATE_UINT16_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_UINT32_ARRAY(_f, _s, _n) VMSTATE_UINT32_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_UINT64_ARRAY(_f, _s, _n) VMSTATE_UINT64_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_FLOAT64_ARRAY(_f, _s, _n) VMSTATE_FLOAT64_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_CPUDOUBLE_ARRAY(_f, _s, _n) VMSTATE_CPUDOUBLE_ARRAY_V(_f, _s, _n, 0)

#define VMSTATE_BOOL_ARRAY_TEST(_f, _s, _n, _t)                                                    \
    VMSTATE_ARRAY_TEST(_f, _s, _n, _t, vmstate_info_bool, bool)
#define VMSTATE_INT32_ARRAY_TEST(_f, _s, _n, _t)                                                   \
    VMSTATE_ARRAY_TEST(_f, _s, _n, _t, vmstate_info_int32, int32_t)
#define VMSTATE_UINT8_ARRAY_TEST(_f, _s, _n, _t)                                                   \
    VMSTATE_ARRAY_TEST(_f, _s, _n, _t, vmstate_info_uint8, uint8_t)
#define VMSTATE_UINT16_ARRAY_TEST(_f, _s, _n, _t)                                                  \
    VMSTATE_ARRAY_TEST(_f, _s, _n, _t, vmstate_info_uint16, uint16_t)
#define VMSTATE_UINT32_ARRAY_TEST(_f, _s, _n, _t)                                                  \
    VMSTATE_ARRAY_TEST(_f, _s, _n, _t, vmstate_info_uint32, uint32_t)
#define VMSTATE_UINT64_ARRAY_TEST(_f, _s, _n, _t)                                                  \
    VMSTATE_ARRAY_TEST(_f, _s, _n, _t, vmstate_info_uint64, uint64_t)

#define VMSTATE_BOOL_SUB_ARRAY(_f, _s, _start, _n)                                                 \
    VMSTATE_SUB_ARRAY(_f, _s, _start, _n, 0, vmstate_info_bool, bool)
#define VMSTATE_UINT8_SUB_ARRAY(_f, _s, _start, _n)                                                \
    VMSTATE_SUB_ARRAY(_f, _s, _start, _n, 0, vmstate_info_uint8, uint8_t)
#define VMSTATE_UINT16_SUB_ARRAY(_f, _s, _start, _n)                                               \
    VMSTATE_SUB_ARRAY(_f, _s, _start, _n, 0, vmstate_info_uint16, uint16_t)
#define VMSTATE_UINT32_SUB_ARRAY(_f, _s, _start, _n)                                               \
    VMSTATE_SUB_ARRAY(_f, _s, _start, _n, 0, vmstate_info_uint32, uint32_t)
#define VMSTATE_UINT64_SUB_ARRAY(_f, _s, _start, _n)                                               \
    VMSTATE_SUB_ARRAY(_f, _s, _start, _n, 0, vmstate_info_uint64, uint64_t)

#define VMSTATE_UINT8_2DARRAY_V(_f, _s, _n1, _n2, _v)                                              \
    VMSTATE_2DARRAY(_f, _s, _n1, _n2, _v, vmstate_info_uint8, uint8_t)
#define VMSTATE_UINT16_2DARRAY_V(_f, _s, _n1, _n2, _v)                                             \
    VMSTATE_2DARRAY(_f, _s, _n1, _n2, _v, vmstate_info_uint16, uint16_t)
#define VMSTATE_UINT32_2DARRAY_V(_f, _s, _n1, _n2, _v)                                             \
    VMSTATE_2DARRAY(_f, _s, _n1, _n2, _v, vmstate_info_uint32, uint32_t)
#define VMSTATE_UINT64_2DARRAY_V(_f, _s, _n1, _n2, _v)                                             \
    VMSTATE_2DARRAY(_f, _s, _n1, _n2, _v, vmstate_info_uint64, uint64_t)
#define VMSTATE_UINT8_2DARRAY(_f, _s, _n1, _n2) VMSTATE_UINT8_2DARRAY_V(_f, _s, _n1, _n2, 0)
#define VMSTATE_UINT16_2DARRAY(_f, _s, _n1, _n2) VMSTATE_UINT16_2DARRAY_V(_f, _s, _n1, _n2, 0)
#define VMSTATE_UINT32_2DARRAY(_f, _s, _n1, _n2) VMSTATE_UINT32_2DARRAY_V(_f, _s, _n1, _n2, 0)
#define VMSTATE_UINT64_2DARRAY(_f, _s, _n1, _n2) VMSTATE_UINT64_2DARRAY_V(_f, _s, _n1, _n2, 0)

#define VMSTATE_END_OF_LIST() BM_FIELD_END

#endif
