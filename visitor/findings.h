/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was found when a guest was compared with a machine that is to take it.
 *
 * Found on one side, shown on both: a finding carries its own words, so that
 * the list reads the same wherever it is printed (SPEC.md 5.13).
 */
#ifndef BM_FINDINGS_H
#define BM_FINDINGS_H

#include <glib.h>
#include <stdint.h>

/* Stable numbers: never reused, never renumbered. */
typedef enum BmFindingCode {
    /* the machine */
    BM_FINDING_MACHINE = 301,
    BM_FINDING_PAGE_SIZE = 302,
    /* its memory */
    BM_FINDING_RAM_MISSING = 310,
    BM_FINDING_RAM_EXTRA = 311,
    BM_FINDING_RAM_SIZE = 312,
    BM_FINDING_RAM_PAGE_SIZE = 313,
    /* devices, and what else is saved as a section */
    BM_FINDING_DEVICE_MISSING = 320,
    BM_FINDING_DEVICE_EXTRA = 321,
    BM_FINDING_VERSION_NEWER = 322,
    BM_FINDING_VERSION_OLDER = 323,
    /* what is in a device */
    BM_FINDING_FIELD_REMOVED = 330,
    BM_FINDING_FIELD_ADDED = 331,
    BM_FINDING_FIELD_RENAMED = 332,
    BM_FINDING_FIELD_MOVED = 333,
    BM_FINDING_FIELD_SIZE = 334,
    BM_FINDING_FIELD_KIND = 335,
    BM_FINDING_FIELD_COUNT = 336,
    BM_FINDING_STRUCT_VERSION = 337,
    BM_FINDING_SUBSECTION = 340,
    /* the comparison */
    BM_FINDING_MORE = 390 /* there were more than a list may have */
} BmFindingCode;

typedef enum BmSeverity {
    BM_SEVERITY_WARN = 0, /* the guest loads, or may: somebody should know */
    BM_SEVERITY_BLOCK = 1 /* it would not load, or not rightly */
} BmSeverity;

typedef struct BmFinding {
    uint32_t code; /* a BmFindingCode, or one that a newer program knows */
    BmSeverity severity;
    const char *path;     /* "ram.pc.ram", "0000:00:03.0/e1000.mac_reg" */
    const char *message;  /* one sentence, and what to do */
    const char *expected; /* by the destination; NULL: does not apply */
    const char *got;      /* from the source */
} BmFinding;

typedef struct BmFindings BmFindings;

BmFindings *bm_findings_new(void);
void bm_findings_free(BmFindings *findings); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BmFindings, bm_findings_free)

/* Copies.  Texts that are no UTF-8 are made so, long ones are cut: a finding is
 * one that a Findings record can hold.  Behind BM_LIMIT_FINDINGS there is one
 * BM_FINDING_MORE, which blocks if one left out did. */
void bm_findings_add(BmFindings *findings, const BmFinding *finding);

/* In the order of adding. */
const BmFinding *bm_findings_list(const BmFindings *findings, uint32_t *n);
/* How many block. */
uint32_t bm_findings_blocking(const BmFindings *findings);
/* No more would be kept: a comparison can stop once one blocks. */
gboolean bm_findings_full(const BmFindings *findings);

/* "ram-size"; "unknown" for a code that this program does not know. */
const char *bm_finding_name(uint32_t code);
/* "BLOCK 312 ram-size: ram.pc.ram: MESSAGE (expected X, got Y)", in which other
 * people's texts may hold any characters.  Free with g_free(). */
char *bm_finding_line(const BmFinding *finding);

#endif
