/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transformations from a text in the form of GKeyFile, one group per rule:
 *
 *     [rule 1]
 *     level=10.0:9.2
 *     device=*:nic
 *     operation=drop-subsection
 *     name=nic/rsc
 *
 * bermig-rules(5) describes the keys, which are the members of BmTransform.
 */
#ifndef BM_RULES_H
#define BM_RULES_H

#include "transform.h"

typedef struct BmRules BmRules;

/* NULL and an error with "[GROUP] KEY" as its path if the text is not that. */
BmRules *bm_rules_parse(const char *text, gsize len, GError **error);
void bm_rules_free(BmRules *rules); /* NULL is fine */

/* One per rule, in the order of the text; valid as long as the rules. */
const BmStep *bm_rules_steps(const BmRules *rules, guint *n);
/* TRUE if a rule has a level, so that a chain needs two of them. */
gboolean bm_rules_have_levels(const BmRules *rules);

#endif
