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
static inline int32_t crew_sizes(int32_t size, int partner) {
  int32_t theirs = 0;
  MPI_Sendrecv(&size, 1, MPI_INT32_T, partner, 0, &theirs, 1, MPI_INT32_T, partner, 0,
               MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return theirs;
}

static inline void crew_exchange(const void *ours, int32_t size, void *theirs, int32_t their_size,
                                 int partner) {
  MPI_Sendrecv(ours, size, MPI_BYTE, partner, 1, theirs, their_size, MPI_BYTE, partner, 1,
               MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static inline int64_t crew_greatest(int64_t number) {
  int64_t greatest = 0;
  MPI_Allreduce(&number, &greatest, 1, MPI_INT64_T, MPI_MAX, MPI_COMM_WORLD);
  return greatest;
}

// The bytes of process 0 for all, in pieces as MPI counts in int.
static inline void crew_share(void *bytes, int64_t size) {
  for (int64_t done = 0; done < size; done += 1 << 30) {
    const int64_t rest = size - done;
    MPI_Bcast((char *)bytes + done, rest < 1 << 30 ? (int)rest : 1 << 30, MPI_BYTE, 0,
              MPI_COMM_WORLD);
  }
}
