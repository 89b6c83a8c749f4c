/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Subcommands.  Each lives in its own command-*.c, which ends in one record.
 */
#ifndef BM_COMMAND_H
#define BM_COMMAND_H

#include "report.h"

typedef struct BmCommand {
    const char *name;
    const char *operands; /* as in the usage line */
    const char *summary;  /* one line */
    BmExit (*run)(int argc, char **argv);
} BmCommand;

extern const BmCommand bm_command_check;
extern const BmCommand bm_command_probe;
extern const BmCommand bm_command_convert;
extern const BmCommand bm_command_describe;
extern const BmCommand bm_command_diff;
extern const BmCommand bm_command_dump;
extern const BmCommand bm_command_extract;
extern const BmCommand bm_command_info;
extern const BmCommand bm_command_validate;
extern const BmCommand bm_command_send;
extern const BmCommand bm_command_recv;
extern const BmCommand bm_command_migrate;
extern const BmCommand bm_command_rewrite;
extern const BmCommand bm_command_record;
extern const BmCommand bm_command_replay;

/* Runs the program. */
BmExit bm_command_main(int argc, char **argv);

/* ---- for the commands ---- */

/* Parses options; argv[1] up to argv[count] are then the operands.  When it
 * returns FALSE, help was printed or an error reported, and *status says with
 * what to end. */
gboolean bm_command_parse(const BmCommand *command, const GOptionEntry *entries, int count,
                          int *argc, char ***argv, BmExit *status);

/* Reports wrong usage. */
BmExit bm_command_usage(const BmCommand *command, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The value of --compress: a zstd level, or "none" (0).  NULL is the default.
 * FALSE if it is neither. */
gboolean bm_command_level(const char *text, int *level);

/* The value of --format, one of "text" (also NULL) and "json". */
gboolean bm_command_json(const char *text, gboolean *json);

#endif
