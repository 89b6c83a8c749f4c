/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the stream calls a member's type.
 *
 * Names that promise a size (uint32_t) are taken at their word before they are
 * looked into: int64_t is a long on one host and a long long on another.
 */
#include "idl-model.h"

#include <string.h>

const IdlType idl_bool = {"BOOL", "bool", FALSE};
const IdlType idl_u8 = {"U8", "uint8", TRUE}, idl_u16 = {"U16", "uint16", TRUE};
const IdlType idl_u32 = {"U32", "uint32", TRUE}, idl_u64 = {"U64", "uint64", TRUE};
const IdlType idl_i8 = {"I8", "int8", FALSE}, idl_i16 = {"I16", "int16", FALSE};
const IdlType idl_i32 = {"I32", "int32", TRUE}, idl_i64 = {"I64", "int64", TRUE};
const IdlType idl_f64 = {"F64", "float64", FALSE}, idl_f80 = {"F80", "float80", FALSE};
const IdlType idl_timer = {"TIMER", "timer", FALSE};
const IdlType idl_string = {"STRING", "string", FALSE};
const IdlType idl_bitmap = {"BITMAP", "bitmap", FALSE};
const IdlType idl_struct = {"STRUCT", "struct", FALSE};
const IdlType idl_queue = {"QUEUE", "queue of", FALSE}, idl_tree = {"TREE", "tree of", FALSE};
const IdlType idl_tailq = {"TAILQ", "queue of", FALSE}, idl_list = {"LIST", "list of", FALSE};
const IdlType idl_through = {"TEMP", "through", FALSE};
/* These need BM_STRING and BM_BITMAP. */
static const IdlType idl_char = {NULL, "char", FALSE};
static const IdlType idl_ulong = {NULL, "unsigned long", FALSE};

static const struct {
    const char *name;
    const IdlType *type;
} sized_names[] = {
    {"uint8_t", &idl_u8},    {"uint16_t", &idl_u16}, {"uint32_t", &idl_u32}, {"uint64_t", &idl_u64},
    {"int8_t", &idl_i8},     {"int16_t", &idl_i16},  {"int32_t", &idl_i32},  {"int64_t", &idl_i64},
    {"guint8", &idl_u8},     {"guint16", &idl_u16},  {"guint32", &idl_u32},  {"guint64", &idl_u64},
    {"gint8", &idl_i8},      {"gint16", &idl_i16},   {"gint32", &idl_i32},   {"gint64", &idl_i64},
    {"BmFloat80", &idl_f80},
};

static const IdlType *sized_name(CXType type)
{
    char *name = idl_string_take(clang_getTypedefName(type));
    const IdlType *found = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(sized_names) && !found; i++) {
        found = strcmp(name, sized_names[i].name) ? NULL : sized_names[i].type;
    }
    g_free(name);
    return found;
}

static const IdlType *builtin(enum CXTypeKind kind)
{
    switch (kind) {
    case CXType_Bool:
        return &idl_bool;
    case CXType_UChar:
        return &idl_u8;
    case CXType_UShort:
        return &idl_u16;
    case CXType_UInt:
        return &idl_u32;
    case CXType_ULongLong:
        return &idl_u64;
    case CXType_SChar:
        return &idl_i8;
    case CXType_Short:
        return &idl_i16;
    case CXType_Int:
        return &idl_i32;
    case CXType_LongLong:
        return &idl_i64;
    case CXType_Double:
        return &idl_f64;
    case CXType_Char_S:
    case CXType_Char_U:
        return &idl_char;
    case CXType_ULong:
        return &idl_ulong;
    default:
        return NULL;
    }
}

/* One step nearer to what a type is; FALSE when it stands for itself. */
static gboolean look_into(CXType *type)
{
    switch (type->kind) {
    case CXType_Typedef:
        *type = clang_getTypedefDeclUnderlyingType(clang_getTypeDeclaration(*type));
        return TRUE;
    case CXType_Elaborated:
        *type = clang_Type_getNamedType(*type);
        return TRUE;
    case CXType_Attributed:
        *type = clang_Type_getModifiedType(*type);
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean is_const(CXType type)
{
    while (!clang_isConstQualifiedType(type)) {
        if (type.kind == CXType_ConstantArray) {
            type = clang_getArrayElementType(type);
        } else if (!look_into(&type)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean is_function(CXType type)
{
    type = clang_getCanonicalType(type);
    return type.kind == CXType_FunctionProto || type.kind == CXType_FunctionNoProto;
}

static gboolean is_function_pointer(CXType type)
{
    type = clang_getCanonicalType(type);
    while (type.kind == CXType_ConstantArray) {
        type = clang_getArrayElementType(type);
    }
    return type.kind == CXType_Pointer && is_function(clang_getPointeeType(type));
}

/* Arrays and one pointer around the element's type: FALSE if there is more. */
static gboolean unwrap(IdlField *field, CXType *type)
{
    for (;;) {
        if (type->kind == CXType_Typedef && (field->type = sized_name(*type))) {
            return TRUE;
        }
        if (type->kind == CXType_ConstantArray && field->shape == IDL_INLINE) {
            long long size = clang_getArraySize(*type);

            field->dimensions++;
            field->length = (uint64_t)size;
            if (size < 0 || !g_uint64_checked_mul(&field->count, field->count, (uint64_t)size)) {
                return FALSE;
            }
            *type = clang_getArrayElementType(*type);
        } else if (type->kind == CXType_Pointer && field->shape == IDL_INLINE) {
            field->shape = field->dimensions ? IDL_POINTERS : IDL_POINTER;
            *type = clang_getPointeeType(*type);
        } else if (!look_into(type)) {
            return type->kind != CXType_Pointer && type->kind != CXType_ConstantArray;
        }
    }
}

#define WAY_OUT "or say why it is not sent, e.g. BM_IMMUTABLE(\"...\")"

static void refuse(IdlModel *model, const IdlStruct *s, const IdlField *field, CXType type)
{
    char *spelling = idl_string_take(clang_getTypeSpelling(clang_getCursorType(field->cursor)));

    switch (type.kind) {
    case CXType_Long:
        idl_problem(model, s, field,
                    "the size of %s depends on the host; take int32_t or int64_t, " WAY_OUT,
                    spelling);
        break;
    case CXType_IncompleteArray:
    case CXType_VariableArray:
        idl_problem(model, s, field,
                    "an array without a size cannot be sent; give it one, " WAY_OUT);
        break;
    case CXType_Record:
        idl_problem(model, s, field,
                    "a union does not say which of its members counts; send that "
                    "from a struct of its own, " WAY_OUT);
        break;
    default:
        idl_problem(model, s, field, "the stream has no type for %s; take another, " WAY_OUT,
                    spelling);
    }
    g_free(spelling);
}

/* The type of an element, no array, pointer or name of another. */
static const IdlType *element_type(CXType type)
{
    if (type.kind == CXType_Enum) {
        type = clang_getCanonicalType(clang_getEnumDeclIntegerType(clang_getTypeDeclaration(type)));
    }
    if (type.kind == CXType_Record &&
        clang_getCursorKind(clang_getTypeDeclaration(type)) == CXCursor_StructDecl) {
        return &idl_struct;
    }
    return builtin(type.kind);
}

/* BM_STRING, BM_BITMAP and BM_TIMER say what C cannot. */
static gboolean apply_marks(IdlModel *model, const IdlStruct *s, IdlField *field)
{
    if (field->is_string) {
        if (field->type != &idl_char || field->dimensions != 1 || field->shape != IDL_INLINE) {
            idl_problem(model, s, field, "BM_STRING is for an array of char only");
            return FALSE;
        }
        field->type = &idl_string;
    } else if (field->bitmap) {
        if (field->type != &idl_ulong || !field->dimensions || field->shape != IDL_INLINE) {
            idl_problem(model, s, field, "BM_BITMAP is for arrays of unsigned long only");
            return FALSE;
        }
        field->type = &idl_bitmap;
    } else if (field->is_timer) {
        if (field->type != &idl_i64 || field->dimensions || field->shape != IDL_INLINE) {
            idl_problem(model, s, field, "BM_TIMER is for int64_t only");
            return FALSE;
        }
        field->type = &idl_timer;
    }
    return TRUE;
}

static void refuse_unmarked(IdlModel *model, const IdlStruct *s, const IdlField *field)
{
    if (field->type == &idl_char) {
        idl_problem(model, s, field,
                    field->dimensions
                        ? "is it text or octets? BM_STRING for text, uint8_t for octets"
                        : "char has a sign on some hosts and none on others; take int8_t or "
                          "uint8_t");
    } else {
        idl_problem(model, s, field,
                    "the size of unsigned long depends on the host; take uint32_t or uint64_t, or "
                    "BM_BITMAP(bits) for an array of bits, " WAY_OUT);
    }
}

static gboolean points_to(CXType type, const char *name)
{
    char *spelling = idl_string_take(clang_getTypeSpelling(type));
    char *expected = g_strconcat(name, " *", NULL);
    gboolean same = !strcmp(spelling, expected);

    g_free(spelling);
    g_free(expected);
    return same;
}

/* What the type of the member itself must be; a temporary is none of it. */
static void check_head(IdlModel *model, const IdlStruct *s, const IdlField *field)
{
    CXType type = clang_getCursorType(field->cursor);

    if (field->type == &idl_queue && !points_to(type, "GQueue")) {
        idl_problem(model, s, field, "BM_QUEUE is for GQueue * only");
    } else if (field->type == &idl_tree && !points_to(type, "GTree")) {
        idl_problem(model, s, field, "BM_TREE is for GTree * only");
    } else if ((field->type == &idl_tailq || field->type == &idl_list) &&
               clang_getCanonicalType(type).kind != CXType_Record) {
        idl_problem(model, s, field, "BM_TAILQ and BM_LIST are for heads of <sys/queue.h> only");
    }
}

static void read_listed_type(IdlModel *model, const IdlStruct *s, IdlField *field,
                             const IdlFinder *find)
{
    check_head(model, s, field);
    field->target = find->by_name(model, field->listed, s, field);
}

static void read_sent_type(IdlModel *model, const IdlStruct *s, IdlField *field,
                           const IdlFinder *find)
{
    CXType type = clang_getCursorType(field->cursor);

    if (clang_Cursor_isBitField(field->cursor)) {
        idl_problem(model, s, field,
                    "a bit-field has no address; take a type of its own, " WAY_OUT);
        return;
    }
    if (unwrap(field, &type) && !field->type) {
        field->type = element_type(type);
    }
    if (field->shape == IDL_POINTER && !field->size && field->type != &idl_struct) {
        idl_problem(
            model, s, field,
            "a pointer is not sent without a word; BM_SIZE and BM_MAX for an array, " WAY_OUT);
        return;
    }
    if (!field->type) {
        refuse(model, s, field, type);
    } else if (field->type == &idl_struct) {
        field->target = find->by_type(model, type, s, field);
    } else if (field->shape == IDL_POINTERS) {
        idl_problem(model, s, field,
                    "an array of pointers can be sent if they point to structs "
                    "with BM_DEVICE; take such, " WAY_OUT);
    } else if (apply_marks(model, s, field) &&
               (field->type == &idl_char || field->type == &idl_ulong)) {
        refuse_unmarked(model, s, field);
    }
}

void idl_read_field_type(IdlModel *model, const IdlStruct *s, IdlField *field,
                         const IdlFinder *find)
{
    CXType type = clang_getCursorType(field->cursor);

    field->count = 1;
    if (field->marker) {
        return; /* of any type then */
    }
    if (field->listed) {
        read_listed_type(model, s, field, find);
    } else if (is_const(type)) {
        field->marker = "immutable";
        field->reason = g_strdup("const");
    } else if (is_function_pointer(type)) {
        field->marker = "immutable";
        field->reason = g_strdup("a pointer to a function");
    } else {
        read_sent_type(model, s, field, find);
    }
}
