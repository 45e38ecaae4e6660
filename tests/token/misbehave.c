/* A PKCS#11 module that passes every call on to a real one and misbehaves as told.
 *
 * MISBEHAVE_MODULE   the real module's file.
 * MISBEHAVE_CONTROL  a file of "name=value" lines, read again at each call (written by tests/token/build.py):
 *
 *   generation=N           another number than before forgets what was counted and puts a removed device back
 *   sign_delay_ms=N        each C_Sign takes this much longer
 *   remove_at_call=N       the device is gone from the n-th call of any function on
 *   remove_at_signature=N  the device is gone from the n-th C_Sign on
 *   removed=1              the device is gone now
 *   serial=TEXT            another token is in the slot, with that serial number
 *   crash_at=C_Name        that function ends the process by SIGSEGV
 *   exit_at=C_Name         that function ends the process with exit code 7
 *   hang_at=C_Name         that function never returns
 *   fail_at=C_Name         that function returns fail_with=N, a CKR value
 *   pin=TEXT               the right PIN, for what the real module cannot check or is not asked for
 *   pin_tries=N            a wrong PIN counts down from N, with the flags a token shows; at 0 the PIN is locked. The
 *                          tries left are kept in the control file's name with ".tries" added, as a token keeps them.
 *   without_flags=1        the token does not tell that a wrong PIN was typed, that one try is left, or that it is locked
 *   always_authenticate=1  private keys want the PIN between C_SignInit and C_Sign
 *   protected_path=1       the token has a keypad, where the person types the PIN; "new_pin" is typed for a new one
 *   no_hash_mechanisms=1   no CKM_SHAxxx_RSA_PKCS
 *   refuse_hash_mechanisms=1  they are on the list, but refused
 *   no_pss=1               no PSS mechanism
 *   bad_labels=1           labels of objects are no UTF-8
 *   print_rubbish=1        each call prints to standard output
 *
 * The names of C_Initialize, C_Login, C_Logout, C_SetPIN and C_Sign are added, a line a call, to the control file's name
 * with ".log" added. */

#define _GNU_SOURCE
#include "cryptoki.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_SESSIONS 64

static CK_FUNCTION_LIST *real;
static CK_FUNCTION_LIST ours;

static struct {
    long generation, sign_delay_ms, remove_at_call, remove_at_signature, removed, pin_tries, always_authenticate;
    long without_flags, protected_path, no_hash_mechanisms, refuse_hash_mechanisms, no_pss, print_rubbish, bad_labels;
    long fail_with;
    char crash_at[64], exit_at[64], hang_at[64], fail_at[64], serial[32], pin[256], new_pin[256];
} told;

static struct {
    long generation, calls, signatures, removed;
} now = {.generation = -1};

/* Sessions in which a key with CKA_ALWAYS_AUTHENTICATE waits for its PIN. */
static CK_ULONG waiting[MAX_SESSIONS];

static void path_with(char *path, size_t size, const char *suffix) {
    const char *control = getenv("MISBEHAVE_CONTROL");
    snprintf(path, size, "%s%s", control ? control : "/nonexistent", suffix);
}

static void read_control(void) {
    static const struct {
        const char *name;
        long *number;
        char *text;
        size_t size;
    } known[] = {
        {"generation", &told.generation, NULL, 0},
        {"sign_delay_ms", &told.sign_delay_ms, NULL, 0},
        {"remove_at_call", &told.remove_at_call, NULL, 0},
        {"remove_at_signature", &told.remove_at_signature, NULL, 0},
        {"removed", &told.removed, NULL, 0},
        {"crash_at", NULL, told.crash_at, sizeof told.crash_at},
        {"exit_at", NULL, told.exit_at, sizeof told.exit_at},
        {"hang_at", NULL, told.hang_at, sizeof told.hang_at},
        {"fail_at", NULL, told.fail_at, sizeof told.fail_at},
        {"fail_with", &told.fail_with, NULL, 0},
        {"serial", NULL, told.serial, sizeof told.serial},
        {"pin", NULL, told.pin, sizeof told.pin},
        {"new_pin", NULL, told.new_pin, sizeof told.new_pin},
        {"pin_tries", &told.pin_tries, NULL, 0},
        {"without_flags", &told.without_flags, NULL, 0},
        {"always_authenticate", &told.always_authenticate, NULL, 0},
        {"protected_path", &told.protected_path, NULL, 0},
        {"no_hash_mechanisms", &told.no_hash_mechanisms, NULL, 0},
        {"refuse_hash_mechanisms", &told.refuse_hash_mechanisms, NULL, 0},
        {"no_pss", &told.no_pss, NULL, 0},
        {"bad_labels", &told.bad_labels, NULL, 0},
        {"print_rubbish", &told.print_rubbish, NULL, 0},
    };
    char line[512];
    path_with(line, sizeof line, "");
    FILE *file = fopen(line, "r");
    memset(&told, 0, sizeof told);
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *value = strchr(line, '=');
        if (!value)
            continue;
        *value++ = 0;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (!strcmp(known[i].name, line)) {
                if (known[i].number)
                    *known[i].number = atol(value);
                else
                    snprintf(known[i].text, known[i].size, "%s", value);
            }
    }
    if (file)
        fclose(file);
    if (told.generation != now.generation) {
        memset(&now, 0, sizeof now);
        now.generation = told.generation;
    }
}

static void log_call(const char *name) {
    static const char *const kept[] = {"C_Initialize", "C_Login", "C_Logout", "C_SetPIN", "C_Sign"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (!strcmp(kept[i], name)) {
            char path[512];
            path_with(path, sizeof path, ".log");
            FILE *file = fopen(path, "a");
            if (file) {
                fprintf(file, "%s\n", name);
                fclose(file);
            }
        }
}

/* A device pulled out forgets its sessions and its log-in. */
static void remove_device(void) {
    CK_ULONG slots[64], count = 64;
    now.removed = 1;
    if (real->C_GetSlotList(1, slots, &count) == CKR_OK)
        for (CK_ULONG i = 0; i < count; i++)
            real->C_CloseAllSessions(slots[i]);
}

static CK_RV before(const char *name) {
    read_control();
    log_call(name);
    now.calls++;
    if (!strcmp(name, "C_Sign"))
        now.signatures++;
    if (told.print_rubbish) {
        printf("DEBUG %s: token driver says hello\n", name);
        fflush(stdout);
    }
    if (!strcmp(told.crash_at, name)) {
        signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
    }
    if (!strcmp(told.exit_at, name))
        _exit(7);
    if (!strcmp(told.hang_at, name))
        for (;;)
            pause();
    if (!strcmp(told.fail_at, name))
        return told.fail_with;
    int due = told.removed || (told.remove_at_call && now.calls >= told.remove_at_call) ||
              (told.remove_at_signature && now.signatures >= told.remove_at_signature);
    if (due && !now.removed && strcmp(name, "C_Initialize") && strcmp(name, "C_Finalize"))
        remove_device();
    return now.removed ? CKR_DEVICE_REMOVED : CKR_OK;
}

static long tries_left(void) {
    char path[512];
    long left = told.pin_tries;
    path_with(path, sizeof path, ".tries");
    FILE *file = fopen(path, "r");
    if (file) {
        if (fscanf(file, "%ld", &left) != 1)
            left = told.pin_tries;
        fclose(file);
    }
    return left;
}

/* Keep count of a PIN that was tried. */
static CK_RV tried(CK_RV result) {
    if (told.pin_tries && (result == CKR_OK || result == CKR_PIN_INCORRECT)) {
        char path[512];
        long left = result == CKR_OK ? told.pin_tries : tries_left() - 1;
        path_with(path, sizeof path, ".tries");
        FILE *file = fopen(path, "w");
        if (file) {
            fprintf(file, "%ld\n", left);
            fclose(file);
        }
    }
    return result;
}

static int is_hash_mechanism(CK_ULONG type) {
    return type == 0x06 || type == 0x40 || type == 0x41 || type == 0x42 || type == 0x46;
}

static int is_pss_mechanism(CK_ULONG type) {
    return type == 0x0D || type == 0x0E || type == 0x43 || type == 0x44 || type == 0x45 || type == 0x47;
}

static int is_missing(CK_ULONG type) {
    return (told.no_hash_mechanisms && is_hash_mechanism(type)) || (told.no_pss && is_pss_mechanism(type));
}

static CK_ULONG *waiting_place(CK_ULONG session) {
    for (int i = 0; i < MAX_SESSIONS; i++)
        if (waiting[i] == session)
            return &waiting[i];
    return NULL;
}

#define SIMPLE(name, parameters, arguments) \
    static CK_RV simple_##name parameters { \
        CK_RV allowed = before(#name); \
        return allowed == CKR_OK ? real->name arguments : allowed; \
    }
EACH_FUNCTION(SIMPLE)

#define EVEN_WITHOUT_DEVICE(name, parameters, arguments) \
    static CK_RV our_##name parameters { \
        CK_RV allowed = before(#name); \
        return allowed == CKR_OK || allowed == CKR_DEVICE_REMOVED ? real->name arguments : allowed; \
    }
EVEN_WITHOUT_DEVICE(C_Initialize, (P a), (a))
EVEN_WITHOUT_DEVICE(C_Finalize, (P a), (a))
EVEN_WITHOUT_DEVICE(C_GetInfo, (P a), (a))

static CK_RV our_C_GetSlotList(CK_BYTE present, COUNT slots, COUNT count) {
    CK_RV state = before("C_GetSlotList");
    if (state == CKR_OK)
        return real->C_GetSlotList(present, slots, count);
    *count = 0;
    return state == CKR_DEVICE_REMOVED ? CKR_OK : state;
}

static CK_RV our_C_GetTokenInfo(CK_ULONG slot, CK_TOKEN_INFO *info) {
    CK_RV state = before("C_GetTokenInfo");
    if (state != CKR_OK)
        return state == CKR_DEVICE_REMOVED ? CKR_TOKEN_NOT_PRESENT : state;
    CK_RV result = real->C_GetTokenInfo(slot, info);
    if (result != CKR_OK)
        return result;
    for (size_t i = 0; *told.serial && info->serial[0] != ' ' && i < sizeof info->serial; i++)
        info->serial[i] = i < strlen(told.serial) ? told.serial[i] : ' ';
    if (told.protected_path)
        info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    if (told.pin_tries) {
        long left = tries_left();
        info->flags &= ~(CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED);
        if (left <= 0)
            info->flags |= CKF_USER_PIN_LOCKED;
        else if (left == 1)
            info->flags |= CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY;
        else if (left < told.pin_tries)
            info->flags |= CKF_USER_PIN_COUNT_LOW;
    }
    if (told.without_flags)
        info->flags &= ~(CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED);
    return CKR_OK;
}

static CK_RV our_C_GetMechanismList(CK_ULONG slot, COUNT list, COUNT count) {
    CK_ULONG all[512], found = 512, kept = 0;
    CK_RV state = before("C_GetMechanismList");
    if (state == CKR_OK)
        state = real->C_GetMechanismList(slot, all, &found);
    if (state != CKR_OK)
        return state;
    for (CK_ULONG i = 0; i < found; i++)
        if (!is_missing(all[i])) {
            if (list && kept < *count)
                list[kept] = all[i];
            kept++;
        }
    state = list && kept > *count ? CKR_BUFFER_TOO_SMALL : CKR_OK;
    *count = kept;
    return state;
}

static CK_RV our_C_GetMechanismInfo(CK_ULONG slot, CK_ULONG type, P info) {
    CK_RV state = before("C_GetMechanismInfo");
    if (state != CKR_OK)
        return state;
    return is_missing(type) ? CKR_MECHANISM_INVALID : real->C_GetMechanismInfo(slot, type, info);
}

static CK_RV our_C_GetAttributeValue(CK_ULONG s, CK_ULONG o, CK_ATTRIBUTE *t, CK_ULONG n) {
    CK_RV state = before("C_GetAttributeValue");
    if (state != CKR_OK)
        return state;
    state = real->C_GetAttributeValue(s, o, t, n);
    for (CK_ULONG i = 0; i < n; i++) {
        if (!t[i].value || t[i].length == (CK_ULONG)-1)
            continue;
        if (told.always_authenticate && t[i].type == CKA_ALWAYS_AUTHENTICATE && t[i].length == 1)
            *(CK_BYTE *)t[i].value = 1;
        if (told.bad_labels && t[i].type == CKA_LABEL)
            memset(t[i].value, 0xFF, t[i].length);
    }
    return state;
}

/* Compare with the PIN told, for what the real module is not asked. */
static CK_RV check_pin(BYTES pin, CK_ULONG n) {
    return n == strlen(told.pin) && !memcmp(pin, told.pin, n) ? CKR_OK : CKR_PIN_INCORRECT;
}

static CK_RV our_C_Login(CK_ULONG s, CK_ULONG user, BYTES pin, CK_ULONG n) {
    CK_RV state = before("C_Login");
    if (state != CKR_OK)
        return state;
    if (told.pin_tries && tries_left() <= 0)
        return CKR_PIN_LOCKED;
    if (!pin && told.protected_path) {
        pin = (BYTES)told.pin;
        n = strlen(told.pin);
    }
    if (user != CKU_CONTEXT_SPECIFIC || !told.always_authenticate)
        return tried(real->C_Login(s, user, pin, n));
    CK_ULONG *place = waiting_place(s);
    if (!place)
        return CKR_OPERATION_NOT_INITIALIZED;
    state = tried(check_pin(pin, n));
    if (state == CKR_OK)
        *place = 0;
    return state;
}

static CK_RV our_C_SetPIN(CK_ULONG s, BYTES old, CK_ULONG m, BYTES pin, CK_ULONG n) {
    CK_RV state = before("C_SetPIN");
    if (state != CKR_OK)
        return state;
    if (told.pin_tries && tries_left() <= 0)
        return CKR_PIN_LOCKED;
    if (!old && !pin && told.protected_path) {
        old = (BYTES)told.pin;
        m = strlen(told.pin);
        pin = (BYTES)told.new_pin;
        n = strlen(told.new_pin);
    }
    return tried(real->C_SetPIN(s, old, m, pin, n));
}

static CK_RV our_C_SignInit(CK_ULONG s, CK_MECHANISM *m, CK_ULONG key) {
    CK_RV state = before("C_SignInit");
    if (state != CKR_OK)
        return state;
    if (is_missing(m->mechanism) || (told.refuse_hash_mechanisms && is_hash_mechanism(m->mechanism)))
        return CKR_MECHANISM_INVALID;
    state = real->C_SignInit(s, m, key);
    if (state == CKR_OK && told.always_authenticate && !waiting_place(s)) {
        CK_ULONG *free_place = waiting_place(0);
        if (!free_place)
            return CKR_FUNCTION_FAILED;
        *free_place = s;
    }
    return state;
}

static CK_RV our_C_Sign(CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m) {
    if (!o)
        return real->C_Sign(s, i, n, o, m);
    CK_RV state = before("C_Sign");
    if (state != CKR_OK)
        return state;
    CK_ULONG *place = told.always_authenticate ? waiting_place(s) : NULL;
    if (place) {
        CK_BYTE thrown_away[4096];
        CK_ULONG length = sizeof thrown_away;
        *place = 0;
        real->C_Sign(s, i, n, thrown_away, &length);
        return CKR_USER_NOT_LOGGED_IN;
    }
    struct timespec delay = {told.sign_delay_ms / 1000, told.sign_delay_ms % 1000 * 1000000};
    nanosleep(&delay, NULL);
    return real->C_Sign(s, i, n, o, m);
}

static CK_RV our_C_CloseSession(CK_ULONG s) {
    CK_RV state = before("C_CloseSession");
    CK_ULONG *place = waiting_place(s);
    if (place)
        *place = 0;
    return state == CKR_OK ? real->C_CloseSession(s) : state;
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
    if (!real) {
        const char *path = getenv("MISBEHAVE_MODULE");
        void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
        CK_RV (*get)(CK_FUNCTION_LIST **) = NULL;
        if (library)
            *(void **)&get = dlsym(library, "C_GetFunctionList");
        if (!get || get(&real) != CKR_OK)
            return CKR_FUNCTION_FAILED;
        memcpy(ours.version, real->version, sizeof ours.version);
#define USE_SIMPLE(name, parameters, arguments) ours.name = simple_##name;
        EACH_FUNCTION(USE_SIMPLE)
        ours.C_Initialize = our_C_Initialize;
        ours.C_Finalize = our_C_Finalize;
        ours.C_GetInfo = our_C_GetInfo;
        ours.C_GetFunctionList = C_GetFunctionList;
        ours.C_GetSlotList = our_C_GetSlotList;
        ours.C_GetTokenInfo = our_C_GetTokenInfo;
        ours.C_GetMechanismList = our_C_GetMechanismList;
        ours.C_GetMechanismInfo = our_C_GetMechanismInfo;
        ours.C_GetAttributeValue = our_C_GetAttributeValue;
        ours.C_Login = our_C_Login;
        ours.C_SetPIN = our_C_SetPIN;
        ours.C_SignInit = our_C_SignInit;
        ours.C_Sign = our_C_Sign;
        ours.C_CloseSession = our_C_CloseSession;
    }
    *list = &ours;
    return CKR_OK;
}
