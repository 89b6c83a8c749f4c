/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

/* Level 1 keeps up with a fast network on one core; higher levels gain little
 * on memory pages. */
#define DEFAULT_LEVEL 1
#define MAX_LEVEL 19

static const BmCommand *const commands[] = {
    &bm_command_probe,   &bm_command_check,    &bm_command_convert, &bm_command_dump,
    &bm_command_diff,    &bm_command_describe, &bm_command_info,    &bm_command_validate,
    &bm_command_send,    &bm_command_recv,     &bm_command_migrate, &bm_command_rewrite,
    &bm_command_extract, &bm_command_record,   &bm_command_replay,
};

static const BmCommand *find_command(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static void print_overview(FILE *out)
{
    fputs("Usage:\n  bermig COMMAND [OPTIONS] ...\n\n"
          "The state of a virtual machine as one BER value.\n\nCommands:\n",
          out);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    }
    fputs("\n'bermig help COMMAND' and bermig-COMMAND(1) say more.\n", out);
}

static BmExit unknown_command(const char *name)
{
    bm_report("bermig", "there is no command '%s'; 'bermig help' lists them", name);
    return BM_EXIT_RUN;
}

static BmExit run_help(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stdout);
        return BM_EXIT_DONE;
    }
    const BmCommand *command = find_command(argv[1]);
    if (command == NULL) {
        return unknown_command(argv[1]);
    }
    char help[] = "--help";
    char *arguments[] = {argv[1], help, NULL};
    return command->run(2, arguments);
}

static BmExit run_command(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stderr);
        return BM_EXIT_RUN;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("bermig " BERMIG_VERSION);
        return BM_EXIT_DONE;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        return run_help(argc - 1, argv + 1);
    }
    const BmCommand *command = find_command(argv[1]);
    return command != NULL ? command->run(argc - 1, argv + 1) : unknown_command(argv[1]);
}

BmExit bm_command_main(int argc, char **argv)
{
    BmExit status = run_command(argc, argv);

    /* Text that did not reach its reader was not printed. */
    if (fflush(stdout) != 0 && status == BM_EXIT_DONE) {
        bm_report("<stdout>", "%s", g_strerror(errno));
        status = BM_EXIT_RUN;
    }
    return status;
}

/* ---- for the commands ---- */

static GOptionContext *context_new(const BmCommand *command, const GOptionEntry *entries,
                                   gboolean *help)
{
    const GOptionEntry common[] = {
        {"help", 'h', 0, G_OPTION_ARG_NONE, help, "Show this text", NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new(command->operands);

    g_option_context_set_summary(context, command->summary);
    /* Not GLib's own --help, which ends the program. */
    g_option_context_set_help_enabled(context, FALSE);
    if (entries != NULL) {
        g_option_context_add_main_entries(context, entries, NULL);
    }
    g_option_context_add_main_entries(context, common, NULL);
    return context;
}

static BmExit print_help(GOptionContext *context)
{
    g_autofree char *text = g_option_context_get_help(context, TRUE, NULL);

    fputs(text, stdout);
    return BM_EXIT_DONE;
}

/* GLib leaves "--" where it was if an operand behind it looks like an option. */
static void drop_separator(int *argc, char **argv)
{
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i) * sizeof(*argv));
            (*argc)--;
            return;
        }
    }
}

static gboolean has_optional_value(const GOptionEntry *entries, const char *argument)
{
    for (const GOptionEntry *e = entries; e != NULL && e->long_name != NULL; e++) {
        if ((e->flags & G_OPTION_FLAG_OPTIONAL_ARG) != 0 && g_str_has_prefix(argument, "--") &&
            strcmp(argument + 2, e->long_name) == 0) {
            return TRUE;
        }
    }
    return FALSE;
}

/* GLib would take the operand that follows such an option for its value: with
 * "=" the value is there, and empty. */
static void end_optional_values(const GOptionEntry *entries, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (has_optional_value(entries, argv[i])) {
            g_autofree char *ended = g_strconcat(argv[i], "=", NULL);

            argv[i] = (char *)g_intern_string(ended);
        }
    }
}

gboolean bm_command_parse(const BmCommand *command, const GOptionEntry *entries, int count,
                          int *argc, char ***argv, BmExit *status)
{
    gboolean help = FALSE;
    g_autofree char *name = g_strconcat("bermig ", command->name, NULL);
    g_autoptr(GOptionContext) context = context_new(command, entries, &help);
    g_autoptr(GError) error = NULL;

    g_set_prgname(name);
    end_optional_values(entries, *argc, *argv);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        *status = bm_command_usage(command, "%s", error->message);
        return FALSE;
    }
    if (help) {
        *status = print_help(context);
        return FALSE;
    }
    drop_separator(argc, *argv);
    if (*argc - 1 != count) {
        *status = bm_command_usage(command, "expected %s", command->operands);
        return FALSE;
    }
    return TRUE;
}

BmExit bm_command_usage(const BmCommand *command, const char *format, ...)
{
    g_autofree char *name = g_strconcat("bermig ", command->name, NULL);
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    bm_report(name, "%s; '%s --help' says more", text, name);
    return BM_EXIT_RUN;
}

gboolean bm_command_level(const char *text, int *level)
{
    guint64 value;

    if (text == NULL) {
        *level = DEFAULT_LEVEL;
        return TRUE;
    }
    if (strcmp(text, "none") == 0) {
        *level = 0;
        return TRUE;
    }
    if (!g_ascii_string_to_unsigned(text, 10, 1, MAX_LEVEL, &value, NULL)) {
        return FALSE;
    }
    *level = (int)value;
    return TRUE;
}

gboolean bm_command_json(const char *text, gboolean *json)
{
    *json = text != NULL && strcmp(text, "json") == 0;
    return *json || text == NULL || strcmp(text, "text") == 0;
}
