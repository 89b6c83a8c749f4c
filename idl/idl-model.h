/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What bermig-idl knows of an annotated header: structs, in an order in which
 * each stands after those that it contains, and their members.
 *
 *     read      idl-read.c, idl-types.c, idl-marks.c    header -> model
 *     check     idl-check.c         rules that annotations must keep
 *     evaluate  idl-values.c        constants and expressions, by the compiler
 *     compare   idl-stored.c, idl-compare.c     model <-> the schema in a file
 *     write     idl-generate.c, idl-rows.c      model -> C
 *
 * Each step runs only when those before it found nothing wrong.
 */
#ifndef IDL_MODEL_H
#define IDL_MODEL_H

#include <clang-c/Index.h>
#include <glib.h>
#include <stdint.h>

/* How a row calls a type, and how a schema does. */
typedef struct IdlType {
    const char *row;  /* "U32", for BM_TYPE_U32 */
    const char *word; /* "uint32" */
    gboolean counts;  /* can be a counter: BmCounter has it */
} IdlType;

extern const IdlType idl_bool, idl_u8, idl_u16, idl_u32, idl_u64, idl_i8, idl_i16, idl_i32, idl_i64,
    idl_f64, idl_f80, idl_timer, idl_string, idl_bitmap, idl_struct, idl_queue, idl_tree, idl_tailq,
    idl_list, idl_through;

typedef struct IdlPlace {
    char *file;
    unsigned line;
} IdlPlace;

/* A member is an array in the struct, or points to elements. */
typedef enum IdlShape { IDL_INLINE, IDL_POINTER, IDL_POINTERS } IdlShape;

typedef struct IdlStruct IdlStruct;

typedef struct IdlField {
    IdlPlace place;
    char *name;
    CXCursor cursor;
    /* not sent */
    const char *marker; /* "immutable" ...; NULL: it is sent */
    char *reason;
    /* what annotations say, as they are written; NULL: nothing */
    char *optional, *default_text, *size, *max_text, *bitmap, *version;
    char *listed, *link; /* the struct that a queue, tree, list or temporary is of */
    char *in;            /* name of its subsection */
    gboolean is_string, is_timer, is_equal, is_at_most;
    /* its type */
    const IdlType *type;
    IdlShape shape;
    unsigned dimensions;
    uint64_t count;  /* of an array, all dimensions multiplied; else 1 */
    uint64_t length; /* the last dimension, of a string the octets */
    IdlStruct *target;
    const struct IdlField *counter; /* BM_SIZE of a member */
    gboolean counter_of_optional;   /* it is the `has` of another */
    /* evaluated */
    uint64_t since, max, bits;
    char *default_value;
} IdlField;

/* Members that are sent apart. */
typedef struct IdlSubsection {
    char *name, *version_text, *needed;
    uint64_t version;
} IdlSubsection;

struct IdlStruct {
    IdlPlace place;
    CXCursor cursor;
    char *name;     /* for people and for names in C: "Timer" */
    char *spelling; /* the type in C: "struct Timer" */
    char *snake;    /* "timer" */
    char *device;   /* in the stream */
    char *current, *minimum;
    char *pre_save, *post_save, *pre_load, *post_load;
    uint64_t version, minimum_version;
    gboolean in_header;     /* of the header itself and not of one that it includes */
    GPtrArray *fields;      /* IdlField */
    GPtrArray *subsections; /* IdlSubsection */
};

typedef struct IdlModel {
    const char *header;
    const char *const *arguments; /* for the compiler, n_arguments */
    int n_arguments;
    CXIndex index;
    CXTranslationUnit unit;
    GPtrArray *structs;  /* IdlStruct, children first */
    GPtrArray *reading;  /* those whose members are being read */
    GPtrArray *problems; /* char *, lines */
} IdlModel;

IdlModel *idl_model_new(const char *header, const char *const *arguments, int n_arguments);
void idl_model_free(IdlModel *model);

IdlStruct *idl_struct_new(void);
void idl_struct_free(IdlStruct *s);

/* FILE:LINE: STRUCT.FIELD: text; `field` may be NULL. */
void idl_problem(IdlModel *model, const IdlStruct *s, const IdlField *field, const char *format,
                 ...) G_GNUC_PRINTF(4, 5);
/* The same without a place in the header. */
void idl_problem_at(IdlModel *model, const char *file, unsigned line, const char *text);

/* NULL if there is none. */
IdlField *idl_struct_field(const IdlStruct *s, const char *name);
IdlStruct *idl_model_device(const IdlModel *model, const char *device);
/* NULL if there is none. */
IdlSubsection *idl_struct_subsection(const IdlStruct *s, const char *name);
/* A queue, a tree or a list: of any number of structs elsewhere. */
gboolean idl_field_is_list(const IdlField *field);
/* The most elements that it can have. */
uint64_t idl_field_most(const IdlField *field);
/* C for one element, given C for a pointer to the struct: "obj->regs[0]". */
char *idl_element(const IdlField *field, const char *object);

/* ---- the steps; each adds what it finds to model->problems ---- */

void idl_read(IdlModel *model);
void idl_check(IdlModel *model);
void idl_evaluate(IdlModel *model);

/* idl-marks.c: what annotations say. */
void idl_read_struct_marks(IdlStruct *s);
void idl_read_field_marks(IdlModel *model, const IdlStruct *s, IdlField *field);
/* idl-types.c: what the type says.  They read the struct that a member is of, by its
 * type, or by its name; NULL after a problem. */
typedef struct IdlFinder {
    IdlStruct *(*by_type)(IdlModel *model, CXType type, const IdlStruct *s, const IdlField *field);
    IdlStruct *(*by_name)(IdlModel *model, const char *name, const IdlStruct *s,
                          const IdlField *field);
} IdlFinder;
void idl_read_field_type(IdlModel *model, const IdlStruct *s, IdlField *field,
                         const IdlFinder *find);

/* clang's strings, as ours */
char *idl_string_take(CXString string);

#endif
