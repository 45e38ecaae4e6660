/* The part of PKCS#11 v2.40 that misbehave.c needs: types, the function list and a few constants.
 *
 * EACH_FUNCTION names every function of CK_FUNCTION_LIST in its order, with its parameters and the names to pass them
 * on by. Pointers to structures that are only passed on are void pointers. */

#ifndef CRYPTOKI_H
#define CRYPTOKI_H

typedef unsigned long CK_ULONG;
typedef unsigned char CK_BYTE;
typedef CK_ULONG CK_RV;
typedef void *P;
typedef struct CK_FUNCTION_LIST CK_FUNCTION_LIST;
typedef CK_BYTE *BYTES;
typedef CK_ULONG *COUNT;

typedef struct {
    CK_ULONG type;
    void *value;
    CK_ULONG length;
} CK_ATTRIBUTE;

typedef struct {
    CK_ULONG mechanism;
    void *parameter;
    CK_ULONG parameter_length;
} CK_MECHANISM;

typedef struct {
    CK_BYTE label[32], manufacturer[32], model[16], serial[16];
    CK_ULONG flags;
    CK_ULONG rest[10];
    CK_BYTE versions[4], utc_time[16];
} CK_TOKEN_INFO;

enum {
    CKR_OK = 0x000,
    CKR_FUNCTION_FAILED = 0x006,
    CKR_DEVICE_REMOVED = 0x032,
    CKR_MECHANISM_INVALID = 0x070,
    CKR_OPERATION_NOT_INITIALIZED = 0x091,
    CKR_PIN_INCORRECT = 0x0A0,
    CKR_PIN_LOCKED = 0x0A4,
    CKR_TOKEN_NOT_PRESENT = 0x0E0,
    CKR_USER_NOT_LOGGED_IN = 0x101,
    CKR_BUFFER_TOO_SMALL = 0x150,
};

enum { CKU_CONTEXT_SPECIFIC = 2 };

enum { CKA_LABEL = 0x003, CKA_ALWAYS_AUTHENTICATE = 0x202 };

#define CKF_PROTECTED_AUTHENTICATION_PATH 0x00000100UL
#define CKF_USER_PIN_COUNT_LOW 0x00010000UL
#define CKF_USER_PIN_FINAL_TRY 0x00020000UL
#define CKF_USER_PIN_LOCKED 0x00040000UL

#define EACH_FUNCTION(F) \
    F(C_Initialize, (P a), (a)) \
    F(C_Finalize, (P a), (a)) \
    F(C_GetInfo, (P a), (a)) \
    F(C_GetFunctionList, (CK_FUNCTION_LIST **list), (list)) \
    F(C_GetSlotList, (CK_BYTE present, COUNT slots, COUNT count), (present, slots, count)) \
    F(C_GetSlotInfo, (CK_ULONG slot, P info), (slot, info)) \
    F(C_GetTokenInfo, (CK_ULONG slot, CK_TOKEN_INFO *info), (slot, info)) \
    F(C_GetMechanismList, (CK_ULONG slot, COUNT list, COUNT count), (slot, list, count)) \
    F(C_GetMechanismInfo, (CK_ULONG slot, CK_ULONG type, P info), (slot, type, info)) \
    F(C_InitToken, (CK_ULONG slot, BYTES pin, CK_ULONG n, BYTES label), (slot, pin, n, label)) \
    F(C_InitPIN, (CK_ULONG s, BYTES pin, CK_ULONG n), (s, pin, n)) \
    F(C_SetPIN, (CK_ULONG s, BYTES old, CK_ULONG m, BYTES pin, CK_ULONG n), (s, old, m, pin, n)) \
    F(C_OpenSession, (CK_ULONG slot, CK_ULONG flags, P a, P notify, COUNT s), (slot, flags, a, notify, s)) \
    F(C_CloseSession, (CK_ULONG s), (s)) \
    F(C_CloseAllSessions, (CK_ULONG slot), (slot)) \
    F(C_GetSessionInfo, (CK_ULONG s, P info), (s, info)) \
    F(C_GetOperationState, (CK_ULONG s, BYTES state, COUNT n), (s, state, n)) \
    F(C_SetOperationState, (CK_ULONG s, BYTES state, CK_ULONG n, CK_ULONG a, CK_ULONG b), (s, state, n, a, b)) \
    F(C_Login, (CK_ULONG s, CK_ULONG user, BYTES pin, CK_ULONG n), (s, user, pin, n)) \
    F(C_Logout, (CK_ULONG s), (s)) \
    F(C_CreateObject, (CK_ULONG s, CK_ATTRIBUTE *t, CK_ULONG n, COUNT o), (s, t, n, o)) \
    F(C_CopyObject, (CK_ULONG s, CK_ULONG o, CK_ATTRIBUTE *t, CK_ULONG n, COUNT c), (s, o, t, n, c)) \
    F(C_DestroyObject, (CK_ULONG s, CK_ULONG o), (s, o)) \
    F(C_GetObjectSize, (CK_ULONG s, CK_ULONG o, COUNT n), (s, o, n)) \
    F(C_GetAttributeValue, (CK_ULONG s, CK_ULONG o, CK_ATTRIBUTE *t, CK_ULONG n), (s, o, t, n)) \
    F(C_SetAttributeValue, (CK_ULONG s, CK_ULONG o, CK_ATTRIBUTE *t, CK_ULONG n), (s, o, t, n)) \
    F(C_FindObjectsInit, (CK_ULONG s, CK_ATTRIBUTE *t, CK_ULONG n), (s, t, n)) \
    F(C_FindObjects, (CK_ULONG s, COUNT o, CK_ULONG max, COUNT n), (s, o, max, n)) \
    F(C_FindObjectsFinal, (CK_ULONG s), (s)) \
    F(C_EncryptInit, (CK_ULONG s, CK_MECHANISM *m, CK_ULONG key), (s, m, key)) \
    F(C_Encrypt, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_EncryptUpdate, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_EncryptFinal, (CK_ULONG s, BYTES o, COUNT m), (s, o, m)) \
    F(C_DecryptInit, (CK_ULONG s, CK_MECHANISM *m, CK_ULONG key), (s, m, key)) \
    F(C_Decrypt, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_DecryptUpdate, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_DecryptFinal, (CK_ULONG s, BYTES o, COUNT m), (s, o, m)) \
    F(C_DigestInit, (CK_ULONG s, CK_MECHANISM *m), (s, m)) \
    F(C_Digest, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_DigestUpdate, (CK_ULONG s, BYTES i, CK_ULONG n), (s, i, n)) \
    F(C_DigestKey, (CK_ULONG s, CK_ULONG key), (s, key)) \
    F(C_DigestFinal, (CK_ULONG s, BYTES o, COUNT m), (s, o, m)) \
    F(C_SignInit, (CK_ULONG s, CK_MECHANISM *m, CK_ULONG key), (s, m, key)) \
    F(C_Sign, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_SignUpdate, (CK_ULONG s, BYTES i, CK_ULONG n), (s, i, n)) \
    F(C_SignFinal, (CK_ULONG s, BYTES o, COUNT m), (s, o, m)) \
    F(C_SignRecoverInit, (CK_ULONG s, CK_MECHANISM *m, CK_ULONG key), (s, m, key)) \
    F(C_SignRecover, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_VerifyInit, (CK_ULONG s, CK_MECHANISM *m, CK_ULONG key), (s, m, key)) \
    F(C_Verify, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, CK_ULONG m), (s, i, n, o, m)) \
    F(C_VerifyUpdate, (CK_ULONG s, BYTES i, CK_ULONG n), (s, i, n)) \
    F(C_VerifyFinal, (CK_ULONG s, BYTES o, CK_ULONG m), (s, o, m)) \
    F(C_VerifyRecoverInit, (CK_ULONG s, CK_MECHANISM *m, CK_ULONG key), (s, m, key)) \
    F(C_VerifyRecover, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_DigestEncryptUpdate, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_DecryptDigestUpdate, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_SignEncryptUpdate, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_DecryptVerifyUpdate, (CK_ULONG s, BYTES i, CK_ULONG n, BYTES o, COUNT m), (s, i, n, o, m)) \
    F(C_GenerateKey, (CK_ULONG s, CK_MECHANISM *m, CK_ATTRIBUTE *t, CK_ULONG n, COUNT o), (s, m, t, n, o)) \
    F(C_GenerateKeyPair, \
      (CK_ULONG s, CK_MECHANISM *m, CK_ATTRIBUTE *t, CK_ULONG n, CK_ATTRIBUTE *u, CK_ULONG k, COUNT a, COUNT b), \
      (s, m, t, n, u, k, a, b)) \
    F(C_WrapKey, (CK_ULONG s, CK_MECHANISM *m, CK_ULONG w, CK_ULONG k, BYTES o, COUNT n), (s, m, w, k, o, n)) \
    F(C_UnwrapKey, \
      (CK_ULONG s, CK_MECHANISM *m, CK_ULONG w, BYTES i, CK_ULONG k, CK_ATTRIBUTE *t, CK_ULONG n, COUNT o), \
      (s, m, w, i, k, t, n, o)) \
    F(C_DeriveKey, (CK_ULONG s, CK_MECHANISM *m, CK_ULONG k, CK_ATTRIBUTE *t, CK_ULONG n, COUNT o), \
      (s, m, k, t, n, o)) \
    F(C_SeedRandom, (CK_ULONG s, BYTES i, CK_ULONG n), (s, i, n)) \
    F(C_GenerateRandom, (CK_ULONG s, BYTES o, CK_ULONG n), (s, o, n)) \
    F(C_GetFunctionStatus, (CK_ULONG s), (s)) \
    F(C_CancelFunction, (CK_ULONG s), (s)) \
    F(C_WaitForSlotEvent, (CK_ULONG flags, COUNT slot, P a), (flags, slot, a))

#define MEMBER(name, parameters, arguments) CK_RV(*name) parameters;

struct CK_FUNCTION_LIST {
    CK_BYTE version[2];
    EACH_FUNCTION(MEMBER)
};

#endif
