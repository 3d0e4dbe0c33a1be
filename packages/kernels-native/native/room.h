// Memory of a thread for packed matrices. It grows, and is freed when the thread ends: workers start and end often.
#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
static DWORD atEnd;
static void NTAPI freeRoom(void *memory) { free(memory); }
__attribute__((constructor)) static void prepare(void) { atEnd = FlsAlloc(freeRoom); }
static void keep(void *memory) { FlsSetValue(atEnd, memory); }
#else
#include <pthread.h>
static pthread_key_t atEnd;
__attribute__((constructor)) static void prepare(void) { pthread_key_create(&atEnd, free); }
static void keep(void *memory) { pthread_setspecific(atEnd, memory); }
#endif

static _Thread_local float *room;
static _Thread_local size_t roomFloats;
static float *roomFor(size_t floats) {
  if (floats > roomFloats) {
    free(room);
    room = malloc(4 * floats);
    roomFloats = room == NULL ? 0 : floats;
    keep(room);
  }
  if (room == NULL && floats > 0) abort();
  return room;
}
