/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bermig-idl: from a header with annotations (visitor/annotate.h) to the tables
 * of its structs.
 *
 * Nothing is written unless everything is right.
 */
#include "idl-generate.h"
#include "idl-stored.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

enum { INPUT_IS_WRONG = 1, COULD_NOT_RUN = 2 };

typedef struct Options {
    char *output, *schema, *write_schema, *include, *depfile;
    char **headers;
    gboolean version;
} Options;

static int usage_error(const char *text)
{
    g_printerr("bermig-idl: %s\ntry bermig-idl --help\n", text);
    return COULD_NOT_RUN;
}

/* ---- arguments ---- */

/* Those of a compiler, with their value in the same word or in the next. */
static gboolean is_for_compiler(const char *argument, gboolean *takes_next)
{
    static const char *const flags[] = {"-I", "-D", "-U", "-x", "-isystem", "-iquote", "-include"};

    *takes_next = FALSE;
    if (g_str_has_prefix(argument, "-std=") || g_str_has_prefix(argument, "-f")) {
        return TRUE;
    }
    for (size_t i = G_N_ELEMENTS(flags); i-- > 0;) {
        if (g_str_has_prefix(argument, flags[i])) {
            *takes_next = strlen(argument) == strlen(flags[i]);
            return TRUE;
        }
    }
    return FALSE;
}

/* Moves the compiler's arguments from argv to `compiler`. */
static void split_arguments(int *argc, char **argv, GPtrArray *compiler)
{
    int kept = 1;

    for (int i = 1; i < *argc; i++) {
        gboolean takes_next;

        if (!is_for_compiler(argv[i], &takes_next)) {
            argv[kept++] = argv[i];
            continue;
        }
        g_ptr_array_add(compiler, argv[i]);
        if (takes_next && i + 1 < *argc) {
            g_ptr_array_add(compiler, argv[++i]);
        }
    }
    argv[kept] = NULL;
    *argc = kept;
}

static gboolean parse_options(int *argc, char ***argv, Options *options, GError **error)
{
    GOptionEntry entries[] = {
        {"output", 0, 0, G_OPTION_ARG_FILENAME, &options->output, "Write BASE.c and BASE.h",
         "BASE"},
        {"schema", 0, 0, G_OPTION_ARG_FILENAME, &options->schema,
         "Fail if streams that FILE describes cannot be read any more", "FILE"},
        {"write-schema", 0, 0, G_OPTION_ARG_FILENAME, &options->write_schema,
         "Write what streams hold now to FILE", "FILE"},
        {"include", 0, 0, G_OPTION_ARG_FILENAME, &options->include,
         "How BASE.h includes HEADER (its name without folders)", "NAME"},
        {"depfile", 0, 0, G_OPTION_ARG_FILENAME, &options->depfile,
         "Write what BASE.c depends on to FILE, for make and ninja", "FILE"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->headers, NULL, "HEADER"},
        {0},
    };
    GOptionContext *context = g_option_context_new(NULL);
    gboolean ok;

    g_option_context_set_summary(context, "Makes the tables of the structs in HEADER that have "
                                          "BM_DEVICE.");
    g_option_context_set_description(context, "-I, -D, -U, -x, -isystem, -iquote, -include, -std= "
                                              "and -f... are for the compiler.");
    g_option_context_add_main_entries(context, entries, NULL);
    ok = g_option_context_parse(context, argc, argv, error);
    g_option_context_free(context);
    return ok;
}

static void clear_options(Options *options)
{
    g_free(options->output);
    g_free(options->schema);
    g_free(options->write_schema);
    g_free(options->include);
    g_free(options->depfile);
    g_strfreev(options->headers);
}

/* ---- files ---- */

static gboolean write_text(const char *path, char *text)
{
    GError *error = NULL;
    gboolean ok = g_file_set_contents(path, text, -1, &error);

    if (!ok) {
        g_printerr("bermig-idl: %s\n", error->message);
        g_error_free(error);
    }
    g_free(text);
    return ok;
}

static gboolean write_code(const IdlModel *model, const Options *options)
{
    char *code_path = g_strconcat(options->output, ".c", NULL);
    char *header_path = g_strconcat(options->output, ".h", NULL);
    char *include =
        options->include ? g_strdup(options->include) : g_path_get_basename(model->header);
    gboolean ok = write_text(header_path, idl_generate_header(model, options->output, include)) &&
                  write_text(code_path, idl_generate_code(model, options->output));

    g_free(include);
    g_free(header_path);
    g_free(code_path);
    return ok;
}

static void add_dependency(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
    char *name = idl_string_take(clang_getFileName(file));
    char **words = g_strsplit(name, " ", -1);
    char *escaped = g_strjoinv("\\ ", words);

    (void)stack;
    (void)depth;
    g_string_append_printf(data, " \\\n  %s", escaped);
    g_free(escaped);
    g_strfreev(words);
    g_free(name);
}

static gboolean write_depfile(const IdlModel *model, const Options *options)
{
    GString *text = g_string_new(NULL);

    g_string_printf(text, "%s.c %s.h:", options->output, options->output);
    clang_getInclusions(model->unit, add_dependency, text);
    g_string_append(text, "\n");
    return write_text(options->depfile, g_string_free(text, FALSE));
}

static gboolean write_schema(GKeyFile *now, const Options *options)
{
    GError *error = NULL;
    gboolean ok = idl_stored_save(now, options->write_schema, &error);

    if (!ok) {
        g_printerr("bermig-idl: %s: %s\n", options->write_schema, error->message);
        g_error_free(error);
    }
    return ok;
}

/* ---- the steps ---- */

static int tell_problems(const IdlModel *model)
{
    for (guint i = 0; i < model->problems->len; i++) {
        g_printerr("%s\n", (const char *)model->problems->pdata[i]);
    }
    return model->problems->len ? INPUT_IS_WRONG : 0;
}

static gboolean same_text(GKeyFile *one, GKeyFile *other)
{
    char *a = g_key_file_to_data(one, NULL, NULL), *b = g_key_file_to_data(other, NULL, NULL);
    gboolean same = strcmp(a, b) == 0;

    g_free(a);
    g_free(b);
    return same;
}

/* What is not in the stored schema yet is not guarded by it either. */
static void note_if_old(const Options *options, GKeyFile *then, GKeyFile *now)
{
    g_key_file_remove_comment(then, NULL, NULL, NULL);
    if (!options->write_schema && !same_text(then, now)) {
        g_printerr("%s: note: the header has changed, compatibly; write it again with "
                   "--write-schema\n",
                   options->schema);
    }
}

static int compare(IdlModel *model, const Options *options, GKeyFile *now)
{
    GError *error = NULL;
    GKeyFile *then = idl_stored_load(options->schema, &error);

    if (!then) {
        gboolean missing = g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);

        g_printerr("%s: %s%s\n", options->schema, error->message,
                   missing ? "; --write-schema writes the first one" : "");
        g_error_free(error);
        return COULD_NOT_RUN;
    }
    idl_compare(model, then, now);
    if (model->problems->len == 0) {
        note_if_old(options, then, now);
    }
    g_key_file_free(then);
    return tell_problems(model);
}

static int write_all(const IdlModel *model, const Options *options, GKeyFile *now)
{
    gboolean ok = (!options->write_schema || write_schema(now, options)) &&
                  (!options->output || write_code(model, options)) &&
                  (!options->depfile || write_depfile(model, options));

    return ok ? 0 : COULD_NOT_RUN;
}

static int run(const Options *options, const GPtrArray *compiler)
{
    static void (*const steps[])(IdlModel *) = {idl_read, idl_check, idl_evaluate};
    IdlModel *model = idl_model_new(options->headers[0], (const char *const *)compiler->pdata,
                                    (int)compiler->len);
    GKeyFile *now = NULL;
    int status = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(steps) && status == 0; i++) {
        steps[i](model);
        status = tell_problems(model);
    }
    if (status == 0) {
        now = idl_stored_from_model(model);
        status = options->schema ? compare(model, options, now) : 0;
    }
    if (status == 0) {
        status = write_all(model, options, now);
    }
    if (now) {
        g_key_file_free(now);
    }
    idl_model_free(model);
    return status;
}

static int check_and_run(const Options *options, GPtrArray *compiler)
{
    if (options->version) {
        g_print("bermig-idl %s\n", BM_PACKAGE_VERSION);
        return 0;
    }
    if (!options->headers || options->headers[1]) {
        return usage_error("one HEADER is needed");
    }
    if (!options->output && !options->schema && !options->write_schema) {
        return usage_error("nothing to do: --output, --schema or --write-schema");
    }
    if (options->depfile && !options->output) {
        return usage_error("--depfile needs --output");
    }
    return run(options, compiler);
}

int main(int argc, char **argv)
{
    Options options = {0};
    GPtrArray *compiler = g_ptr_array_new();
    GError *error = NULL;
    int status;

    setlocale(LC_CTYPE, "");
    /* A header is C here and not to be precompiled; a -x of the user comes later. */
    g_ptr_array_add(compiler, (gpointer) "-xc");
    split_arguments(&argc, argv, compiler);
    if (parse_options(&argc, &argv, &options, &error)) {
        status = check_and_run(&options, compiler);
    } else {
        status = usage_error(error->message);
        g_error_free(error);
    }
    clear_options(&options);
    g_ptr_array_unref(compiler);
    return status;
}
