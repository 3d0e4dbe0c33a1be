// Scratch memory of a thread for packed matrices, padded images and small systems. The memory grows when a kernel needs
// more. It is freed when the thread ends, because workers start and end often, and when the library is unloaded.
static _Thread_local float *room;
static _Thread_local size_t roomFloats;

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
static DWORD atEnd;
static void NTAPI freeRoom(void *memory) { free(memory); }
__attribute__((constructor)) static void onLoad(void) { atEnd = FlsAlloc(freeRoom); }
// Frees the memory of all threads.
__attribute__((destructor)) static void onUnload(void) { FlsFree(atEnd); }
static void keep(void *memory) { FlsSetValue(atEnd, memory); }
#else
#include <pthread.h>
static pthread_key_t atEnd;
static int hasKey;
__attribute__((constructor)) static void onLoad(void) { hasKey = pthread_key_create(&atEnd, free) == 0; }
__attribute__((destructor)) static void onUnload(void) {
  if (!hasKey) return;
  pthread_key_delete(atEnd);
  free(room);
  room = NULL;
}
static void keep(void *memory) {
  if (hasKey) pthread_setspecific(atEnd, memory);
}
#endif

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
