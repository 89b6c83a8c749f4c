/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmdesc-types.h"

#include <string.h>

typedef struct TypeRow {
    const char *name;
    BmKind kind;
    uint32_t width; /* 0: the size that the sender gives */
    BmArrayForm form;
} TypeRow;

/*
 * QEMU 2.5 to 11.1.  "int64 equal" is the name of the *unsigned* type, in all
 * of them; "le" means less or equal, the octets are big-endian as ever.
 * "bitmap", "pci irq state" and "slbe" write several numbers and do not say so.
 */
static const TypeRow rows[] = {
    {"bool", BM_KIND_BOOLEAN, 1, BM_FORM_ARRAY},
    {"uint8", BM_KIND_UNSIGNED, 1, BM_FORM_ARRAY},
    {"uint16", BM_KIND_UNSIGNED, 2, BM_FORM_ARRAY},
    {"uint32", BM_KIND_UNSIGNED, 4, BM_FORM_ARRAY},
    {"uint64", BM_KIND_UNSIGNED, 8, BM_FORM_ARRAY},
    {"int8", BM_KIND_SIGNED, 1, BM_FORM_ARRAY},
    {"int16", BM_KIND_SIGNED, 2, BM_FORM_ARRAY},
    {"int32", BM_KIND_SIGNED, 4, BM_FORM_ARRAY},
    {"int64", BM_KIND_SIGNED, 8, BM_FORM_ARRAY},
    {"uint8 equal", BM_KIND_UNSIGNED, 1, BM_FORM_ARRAY},
    {"uint16 equal", BM_KIND_UNSIGNED, 2, BM_FORM_ARRAY},
    {"uint32 equal", BM_KIND_UNSIGNED, 4, BM_FORM_ARRAY},
    {"int32 equal", BM_KIND_SIGNED, 4, BM_FORM_ARRAY},
    {"int32 le", BM_KIND_SIGNED, 4, BM_FORM_ARRAY},
    {"int64 equal", BM_KIND_UNSIGNED, 8, BM_FORM_ARRAY},
    {"timer", BM_KIND_SIGNED, 8, BM_FORM_ARRAY},
    {"float64", BM_KIND_FLOAT, 8, BM_FORM_ARRAY},
    {"CPU_Double_U", BM_KIND_FLOAT, 8, BM_FORM_ARRAY},
    {"buffer", BM_KIND_BUFFER, 0, BM_FORM_ARRAY},
    {"unused_buffer", BM_KIND_BUFFER, 0, BM_FORM_ARRAY},
    {"bitmap", BM_KIND_UNSIGNED, 8, BM_FORM_WHOLE},
    {"pci config", BM_KIND_BUFFER, 0, BM_FORM_ARRAY},
    {"pci irq state", BM_KIND_UNSIGNED, 4, BM_FORM_WHOLE},
    {"cpsr", BM_KIND_UNSIGNED, 4, BM_FORM_ARRAY},
    {"fpscr", BM_KIND_UNSIGNED, 4, BM_FORM_ARRAY},
    {"powered_off", BM_KIND_BOOLEAN, 1, BM_FORM_ARRAY},
    {"cpu/altivec/vscr", BM_KIND_UNSIGNED, 4, BM_FORM_ARRAY},
    {"fpr", BM_KIND_UNSIGNED, 8, BM_FORM_ARRAY},
    {"avr", BM_KIND_BUFFER, 0, BM_FORM_ARRAY},
    {"vsr", BM_KIND_BUFFER, 0, BM_FORM_ARRAY},
    {"slbe", BM_KIND_UNSIGNED, 8, BM_FORM_WHOLE},
    {"nullptr", BM_KIND_POINTER, 1, BM_FORM_ARRAY},    /* 10.0 to 10.2 */
    {"ptr-marker", BM_KIND_POINTER, 1, BM_FORM_ARRAY}, /* 11.1 */
    {"struct", BM_KIND_STRUCT, 0, BM_FORM_ARRAY},
    {"vstruct", BM_KIND_STRUCT, 0, BM_FORM_ARRAY},
    {"tmp", BM_KIND_STRUCT, 0, BM_FORM_ARRAY},
    {"qtailq", BM_KIND_LIST, 0, BM_FORM_ARRAY},
    {"qlist", BM_KIND_LIST, 0, BM_FORM_ARRAY},
};

static const TypeRow *find_row(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].name[0] == name[0] && !strcmp(rows[i].name, name)) {
            return &rows[i];
        }
    }
    return NULL;
}

gboolean bm_vmdesc_type_has_elements(const char *type)
{
    const TypeRow *row = find_row(type);

    return row && (row->kind == BM_KIND_STRUCT || row->kind == BM_KIND_LIST);
}

static gboolean fits(const TypeRow *row, uint32_t size)
{
    if (row->form == BM_FORM_WHOLE) {
        return size && size % row->width == 0 && size / row->width <= BM_LIMIT_COUNT;
    }
    return !row->width || row->width == size;
}

static void set(BmField *field, BmKind kind, uint32_t width, const char *type)
{
    field->kind = kind;
    field->width = width;
    field->count = 1;
    field->form = BM_FORM_ARRAY;
    field->type = type;
    if (!strcmp(bm_field_default_type(field), type)) {
        field->type = NULL;
    }
}

void bm_vmdesc_opaque(BmField *field, const char *type, uint32_t size)
{
    set(field, BM_KIND_OPAQUE, size, type);
}

void bm_vmdesc_type(BmField *field, const char *type, uint32_t size, gboolean element)
{
    const TypeRow *row = find_row(type);

    if (!row || !fits(row, size)) {
        bm_vmdesc_opaque(field, type, size);
    } else if (row->kind == BM_KIND_STRUCT || row->kind == BM_KIND_LIST) {
        set(field, row->kind, 0, type);
    } else if (row->form == BM_FORM_WHOLE && element) {
        set(field, BM_KIND_BUFFER, size, type);
    } else if (row->form == BM_FORM_WHOLE) {
        set(field, row->kind, row->width, type);
        field->count = size / row->width;
        field->form = BM_FORM_WHOLE;
    } else {
        set(field, row->kind, row->width ? row->width : size, type);
    }
}
