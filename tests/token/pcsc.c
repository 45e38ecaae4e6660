/* A service for card readers after pcsc-lite's winscard.h: two readers, a card in the first. PCSC_NO_SERVICE=1: none runs. */

#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

static const char readers[] = "Bit4id TokenME EVO v2 00 00\0Đầu đọc thẻ 01 00\0";

typedef struct {
  const char *reader;
  void *user;
  unsigned long current, event, atr_length;
  unsigned char atr[33];
} State;

EXPORT long SCardEstablishContext(unsigned long scope, const void *one, const void *two, long *context) {
  (void)one, (void)two;
  if (getenv("PCSC_NO_SERVICE")) return 0x8010001D;
  *context = 0x5A5A5A5A5A;
  return scope == 2 ? 0 : 0x80100004;
}

EXPORT long SCardReleaseContext(long context) { return context == 0x5A5A5A5A5A ? 0 : 0x80100003; }

EXPORT long SCardListReaders(long context, const char *groups, char *names, unsigned long *length) {
  if (context != 0x5A5A5A5A5A || groups) return 0x80100003;
  if (getenv("PCSC_NO_READERS")) return 0x8010002E;
  if (names && *length < sizeof readers) return 0x80100008;
  if (names) memcpy(names, readers, sizeof readers);
  *length = sizeof readers;
  return 0;
}

EXPORT long SCardGetStatusChange(long context, unsigned long timeout, State *states, unsigned long count) {
  if (context != 0x5A5A5A5A5A || timeout || count != 1) return 0x80100004;
  states->event = 2 | (strncmp(states->reader, "Bit4id", 6) == 0 ? 0x20 : 0x10);
  return 0;
}
