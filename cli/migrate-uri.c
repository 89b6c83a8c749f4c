/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "migrate.h"

/* A sender that does not come within this has failed elsewhere. */
#define SENDER_TIMEOUT "--timeout=120"

/* "exec:exec 'WORD' 'WORD' ...": no word is more than a word to the shell that
 * QEMU uses, whatever is in it.  Free with g_free(). */
static char *exec_uri(const GPtrArray *words)
{
    /* exec: no shell stays between QEMU and the command, and signals and the end
     * of a process are those of the command. */
    GString *uri = g_string_new("exec:exec");

    for (guint i = 0; i < words->len; i++) {
        g_autofree char *quoted = g_shell_quote(words->pdata[i]);

        g_string_append_c(uri, ' ');
        g_string_append(uri, quoted);
    }
    return g_string_free(uri, FALSE);
}

static void add(GPtrArray *words, const char *word)
{
    g_ptr_array_add(words, g_strdup(word));
}

static void add_option(GPtrArray *words, const char *option, const char *value)
{
    if (value != NULL) {
        g_ptr_array_add(words, g_strconcat(option, value, NULL));
    }
}

static void add_options(GPtrArray *words, char **options)
{
    for (; options != NULL && *options != NULL; options++) {
        add(words, *options);
    }
}

static GPtrArray *command(const BmMigratePlan *plan, const char *program, const char *name,
                          const BmAddress *qmp)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

    add(words, program);
    add(words, name);
    add_option(words, "--format=", plan->format);
    /* A QEMU elsewhere could not get there. */
    if (qmp->path != NULL && plan->status != NULL) {
        add_option(words, "--status=unix:", plan->status);
    }
    return words;
}

char *bm_source_uri(const BmMigratePlan *plan)
{
    g_autoptr(GPtrArray) words = command(plan, plan->bermig, "send", plan->from);

    g_autofree char *channels = plan->channels > 0 ? g_strdup_printf("%d", plan->channels) : NULL;

    add_option(words, "--compress=", plan->compress);
    add_option(words, "--channels=", channels);
    add_options(words, plan->send_options);
    add(words, plan->via);
    return exec_uri(words);
}

char *bm_destination_uri(const BmMigratePlan *plan)
{
    const char *address = plan->listen != NULL ? plan->listen : plan->via;

    if (strcmp(plan->remote_bermig, "none") == 0) {
        return g_strdup(address);
    }
    g_autoptr(GPtrArray) words = command(plan, plan->remote_bermig, "recv", plan->to);

    add(words, SENDER_TIMEOUT);
    add_options(words, plan->recv_options);
    add(words, address);
    return exec_uri(words);
}
