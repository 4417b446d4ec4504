// What training over several processes needs of MPI (MPI 3.1), as functions: MPI's handles are
// macros, which Swift does not see. Errors end the whole job, as MPI does by default.
#include <mpi.h>
#include <stdint.h>

static inline void crew_enter(int *rank, int *count) {
  MPI_Init(0, 0);
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  MPI_Comm_size(MPI_COMM_WORLD, count);
}

static inline void crew_leave(int status) {
  if (status) MPI_Abort(MPI_COMM_WORLD, status);
  MPI_Finalize();
}

// Gives `size` bytes to a partner and learns how many it has to give.
static inline int64_t crew_sizes(int64_t size, int partner) {
  int64_t theirs = 0;
  MPI_Sendrecv(&size, 1, MPI_INT64_T, partner, 0, &theirs, 1, MPI_INT64_T, partner, 0,
               MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return theirs;
}

// How much of so many bytes goes with one message: MPI counts in int.
static inline int crew_piece(int64_t rest) {
  return rest < 0 ? 0 : rest < 1 << 30 ? (int)rest : 1 << 30;
}

static inline void crew_exchange(const void *ours, int64_t size, void *theirs, int64_t their_size,
                                 int partner) {
  for (int64_t done = 0; done < size || done < their_size; done += 1 << 30)
    MPI_Sendrecv((const char *)ours + done, crew_piece(size - done), MPI_BYTE, partner, 1,
                 (char *)theirs + done, crew_piece(their_size - done), MPI_BYTE, partner, 1,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static inline int64_t crew_greatest(int64_t number) {
  int64_t greatest = 0;
  MPI_Allreduce(&number, &greatest, 1, MPI_INT64_T, MPI_MAX, MPI_COMM_WORLD);
  return greatest;
}

// The bytes of process 0 for all.
static inline void crew_share(void *bytes, int64_t size) {
  for (int64_t done = 0; done < size; done += 1 << 30)
    MPI_Bcast((char *)bytes + done, crew_piece(size - done), MPI_BYTE, 0, MPI_COMM_WORLD);
}
