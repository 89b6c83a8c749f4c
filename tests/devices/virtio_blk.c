/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio disk on PCI (PCI Express too) and in mapped memory, with its queues.
 *
 * The stream's description calls all of it one field `virtio` of so many octets.
 * What is in there was found by taking real sections of QEMU 5.2, 7.2, 10.0 and
 * 11.1 apart, and agrees with what is publicly known of it: a head that depends
 * on the transport, the common registers, the device's own configuration space,
 * the queues in use, the requests under way as a list, and subsections with
 * values for all 1024 queues that there may be.
 *
 * Not here: virtio-ccw, whose head is another; and a request under way with more
 * than one queue, which has the queue's number before it (no stream at hand has a
 * request under way).
 */
#include "pci.h"

#include <string.h>

#define QUEUES 1024
#define VECTORS 2048
#define CONFIG 256
/* A request: QEMU's VirtQueueElementOld of a 64-bit host, as it is in memory. */
#define ELEMENT 49168

typedef struct Queue {
    uint32_t num;
    uint32_t align; /* in mapped memory */
    uint64_t desc;
    uint16_t last_avail_idx;
    uint16_t vector; /* with MSI-X */
    bool mapped, msix;
} Queue;

typedef struct Rings {
    uint64_t avail, used;
} Rings;

typedef struct RingSize {
    uint32_t num_default;
} RingSize;

typedef struct ModernQueue {
    uint16_t num;
    uint8_t enabled;
    uint32_t desc[2], avail[2], used[2];
} ModernQueue;

typedef struct Modern {
    uint32_t dfselect, gfselect, guest_features[2];
    ModernQueue vqs[QUEUES];
} Modern;

typedef struct Vector {
    uint8_t entry[16];
} Vector;

typedef struct Request {
    uint8_t element[ELEMENT];
} Request;

typedef struct Virtio {
    /* on PCI */
    PciDevice pci;
    uint16_t pending_octets;
    Vector vectors[VECTORS];
    uint8_t pending[VECTORS / 8];
    uint16_t config_vector;
    /* in mapped memory */
    uint32_t host_features_sel, guest_features_sel, guest_page_shift;
    /* both */
    uint8_t status, isr;
    uint16_t queue_sel;
    uint32_t guest_features_lo;
    uint32_t config_len;
    uint8_t config[CONFIG];
    uint32_t queues;
    Queue vq[QUEUES];
    GQueue *requests; /* Request */
    /* subsections */
    uint8_t device_endian;
    uint64_t guest_features;
    Rings rings[QUEUES];
    RingSize sizes[QUEUES];
    bool broken;
    Modern modern;
    bool started, disabled;
    bool on_pci;   /* known before */
    uint32_t seen; /* subsections that were in the stream, see below */
} Virtio;

typedef struct VirtioBlk {
    Virtio virtio;
} VirtioBlk;

/* ---- which fields ---- */

static gboolean c_pci(const void *object, uint32_t version)
{
    (void)version;
    return ((const Virtio *)object)->on_pci;
}

static gboolean c_mapped(const void *object, uint32_t version)
{
    return !c_pci(object, version);
}

static gboolean c_msix(const void *object, uint32_t version)
{
    return c_pci(object, version) && ((const Virtio *)object)->pci.msix_vectors;
}

static gboolean c_queue_mapped(const void *object, uint32_t version)
{
    (void)version;
    return ((const Queue *)object)->mapped;
}

static gboolean c_queue_msix(const void *object, uint32_t version)
{
    (void)version;
    return ((const Queue *)object)->msix;
}

/* The description does not say which subsections there are, so that this can only
 * be seen when they are loaded. */
enum Seen {
    ENDIAN = 1,
    FEATURES = 2,
    RINGS = 4,
    SIZES = 8,
    BROKEN = 16,
    EXTRA = 32,
    STARTED = 64,
    DISABLED = 128
};

#define SUBSECTION(id, label, bit, ...)                                                            \
    static gboolean c_##id(const void *object)                                                     \
    {                                                                                              \
        return (((const Virtio *)object)->seen & (bit)) != 0;                                      \
    }                                                                                              \
    static gboolean saw_##id(void *object, uint32_t version, GError **error)                       \
    {                                                                                              \
        (void)version;                                                                             \
        (void)error;                                                                               \
        ((Virtio *)object)->seen |= (bit);                                                         \
        return TRUE;                                                                               \
    }                                                                                              \
    static const BmTableField id##_fields[] = {__VA_ARGS__, BM_FIELD_END};                         \
    static const BmTable id##_table = {                                                            \
        .name = label,                                                                             \
        .version = 1,                                                                              \
        .minimum_version = 1,                                                                      \
        .fields = id##_fields,                                                                     \
        .size = sizeof(Virtio),                                                                    \
        NEEDED(id),                                                                                \
        .post_load = saw_##id,                                                                     \
    };

#define TABLE(id, label, v, s, ...)                                                                \
    static const BmTableField id##_fields[] = {__VA_ARGS__, BM_FIELD_END};                         \
    static const BmTable id##_table = {                                                            \
        .name = label,                                                                             \
        .version = v,                                                                              \
        .minimum_version = v,                                                                      \
        .fields = id##_fields,                                                                     \
        .size = sizeof(s),                                                                         \
    };

/* ---- PCI: state of the interface of virtio 1.0 ---- */

TABLE(modern_queue, "virtio_pci/modern_queue_state", 1, ModernQueue, BM_FIELD_U16(ModernQueue, num),
      BM_FIELD_UNUSED(1), BM_FIELD_U8(ModernQueue, enabled),
      BM_FIELD_U32_ARRAY(ModernQueue, desc, 2), BM_FIELD_U32_ARRAY(ModernQueue, avail, 2),
      BM_FIELD_U32_ARRAY(ModernQueue, used, 2))

static const BmTableField modern_fields[] = {
    BM_FIELD_U32(Virtio, modern.dfselect),
    BM_FIELD_U32(Virtio, modern.gfselect),
    BM_FIELD_U32_ARRAY(Virtio, modern.guest_features, 2),
    BM_FIELD_STRUCT_ARRAY(Virtio, modern.vqs, QUEUES, modern_queue_table, ModernQueue),
    BM_FIELD_END,
};

static const BmTable modern_table = {
    .name = "virtio_pci/modern_state",
    .version = 1,
    .minimum_version = 1,
    .fields = modern_fields,
    .size = sizeof(Virtio),
};

static const BmTableField virtio_pci_fields[] = {BM_FIELD_END};
static const BmTable *const virtio_pci_subsections[] = {&modern_table, NULL};

static const BmTable virtio_pci_table = {
    .name = "virtio_pci",
    .version = 1,
    .minimum_version = 1,
    .fields = virtio_pci_fields,
    .subsections = virtio_pci_subsections,
    .size = sizeof(Virtio),
};

/* ---- subsections of all virtio devices ---- */

TABLE(rings_element, "virtqueue_state", 1, Rings, BM_FIELD_U64(Rings, avail),
      BM_FIELD_U64(Rings, used))
TABLE(size_element, "ringsize_state", 1, RingSize, BM_FIELD_U32(RingSize, num_default))

SUBSECTION(endian, "virtio/device_endian", ENDIAN, BM_FIELD_U8(Virtio, device_endian))
SUBSECTION(features, "virtio/64bit_features", FEATURES, BM_FIELD_U64(Virtio, guest_features))
SUBSECTION(rings, "virtio/virtqueues", RINGS,
           BM_FIELD_STRUCT_ARRAY(Virtio, rings, QUEUES, rings_element_table, Rings))
SUBSECTION(sizes, "virtio/ringsize", SIZES,
           BM_FIELD_STRUCT_ARRAY(Virtio, sizes, QUEUES, size_element_table, RingSize))
SUBSECTION(broken, "virtio/broken", BROKEN, BM_FIELD_BOOL(Virtio, broken))
SUBSECTION(extra, "virtio/extra_state", EXTRA,
           {.name = "extra_state",
            .type = BM_TYPE_STRUCT,
            .offset = 0,
            .size = sizeof(Virtio),
            .table = &virtio_pci_table})
SUBSECTION(started, "virtio/started", STARTED, BM_FIELD_BOOL(Virtio, started))
SUBSECTION(disabled, "virtio/disabled", DISABLED, BM_FIELD_BOOL(Virtio, disabled))

static const BmTable *const virtio_subsections[] = {
    &endian_table, &features_table, &rings_table,    &sizes_table, &broken_table,
    &extra_table,  &started_table,  &disabled_table, NULL,
};

/* ---- what stands before them ---- */

static const BmTableField vector_fields[] = {
    BM_FIELD_BUFFER(Vector, entry),
    BM_FIELD_END,
};

static const BmTable vector_table = {
    .name = "msix vector",
    .fields = vector_fields,
    .size = sizeof(Vector),
};

static const BmTableField queue_fields[] = {
    BM_FIELD_U32(Queue, num),
    BM_FIELD_U32(Queue, align, WHEN(queue_mapped)),
    BM_FIELD_U64(Queue, desc),
    BM_FIELD_U16(Queue, last_avail_idx),
    BM_FIELD_U16(Queue, vector, WHEN(queue_msix)),
    BM_FIELD_END,
};

static const BmTable queue_table = {
    .name = "virtqueue",
    .fields = queue_fields,
    .size = sizeof(Queue),
};

static const BmTableField request_fields[] = {
    BM_FIELD_BUFFER(Request, element),
    BM_FIELD_END,
};

static const BmTable request_table = {
    .name = "request",
    .fields = request_fields,
    .size = sizeof(Request),
};

/* Once the configuration space is there it is known how many vectors follow, and
 * which members a queue has. */
static gboolean pci_loaded(void *object, uint32_t version, GError **error)
{
    Virtio *v = object;
    gboolean msix = v->on_pci && v->pci.msix_vectors;

    (void)version;
    (void)error;
    v->pending_octets = (uint16_t)((v->pci.msix_vectors + 7) / 8);
    for (unsigned i = 0; i < QUEUES; i++) {
        v->vq[i].mapped = !v->on_pci;
        v->vq[i].msix = msix;
    }
    return TRUE;
}

static const BmTableField head_fields[] = {
    BM_FIELD_STRUCT(Virtio, pci, pci_device_table, PciDevice, WHEN(pci)),
    BM_FIELD_U32(Virtio, host_features_sel, WHEN(mapped)),
    BM_FIELD_U32(Virtio, guest_features_sel, WHEN(mapped)),
    BM_FIELD_U32(Virtio, guest_page_shift, WHEN(mapped)),
    BM_FIELD_END,
};

static const BmTable head_table = {
    .name = "transport",
    .fields = head_fields,
    .size = sizeof(Virtio),
    .post_load = pci_loaded,
};

static const BmTableField virtio_fields[] = {
    {
        .name = "transport",
        .type = BM_TYPE_STRUCT,
        .offset = 0,
        .size = sizeof(Virtio),
        .table = &head_table,
    },
    BM_FIELD_STRUCT_COUNTED(Virtio, vectors, pci.msix_vectors, VECTORS, vector_table, Vector,
                            WHEN(msix)),
    BM_FIELD_U8_COUNTED(Virtio, pending, pending_octets, VECTORS / 8, WHEN(msix)),
    BM_FIELD_U16(Virtio, config_vector, WHEN(msix)),
    BM_FIELD_U8(Virtio, status),
    BM_FIELD_U8(Virtio, isr),
    BM_FIELD_U16(Virtio, queue_sel),
    BM_FIELD_U32(Virtio, guest_features_lo),
    BM_FIELD_U32(Virtio, config_len),
    BM_FIELD_U8_COUNTED(Virtio, config, config_len, CONFIG),
    BM_FIELD_U32(Virtio, queues),
    BM_FIELD_STRUCT_COUNTED(Virtio, vq, queues, QUEUES, queue_table, Queue),
    {
        .name = "requests",
        .type = BM_TYPE_QUEUE,
        .offset = BM_OFFSET(Virtio, requests, GQueue *),
        .size = sizeof(Request),
        .count = QUEUES,
        .table = &request_table,
        .type_name = "qlist",
    },
    BM_FIELD_END,
};

static const BmTable virtio_table = {
    .name = "virtio",
    .version = 1,
    .minimum_version = 1,
    .fields = virtio_fields,
    .subsections = virtio_subsections,
    .size = sizeof(Virtio),
};

static const BmTableField fields[] = {
    BM_FIELD_STRUCT(VirtioBlk, virtio, virtio_table, Virtio),
    BM_FIELD_END,
};

static const BmTable table = {
    .name = "virtio-blk",
    .version = 2,
    .minimum_version = 2,
    .fields = fields,
    .size = sizeof(VirtioBlk),
};

/* ---- */

static gboolean is_mapped(const char *section)
{
    return g_str_has_prefix(section, "virtio-mmio@");
}

static gboolean is_known(const char *section, const BmSchema *schema)
{
    (void)schema;
    return is_mapped(section) || g_str_has_prefix(section, "0000:");
}

/* Behind a port of PCI Express the path has two places: 0000:00:02.0:00.0. */
static void prepare(void *object, const char *section, const BmSchema *schema)
{
    Virtio *v = &((VirtioBlk *)object)->virtio;
    const char *slash = strchr(section, '/');

    (void)schema;
    v->on_pci = !is_mapped(section);
    pci_device_prepare(&v->pci, slash && slash - section > (ptrdiff_t)strlen("0000:00:00.0"));
}

const Device device_virtio_blk = {
    .table = &table,
    .section = "/virtio-blk",
    .size = sizeof(VirtioBlk),
    .prepare = prepare,
    .applies = is_known,
    .opaque = TRUE,
};
