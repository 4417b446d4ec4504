// The functions of MPI (MPI 3.1) that training on several processes needs. MPI's handles are
// macros, which Swift does not import. An error aborts all processes, as MPI does by default.
#include <mpi.h>
#include <stdint.h>

static inline void mpi_initialize(int *rank, int *count) {
  MPI_Init(0, 0);
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  MPI_Comm_size(MPI_COMM_WORLD, count);
}

static inline void mpi_finalize(int status) {
  if (status) MPI_Abort(MPI_COMM_WORLD, status);
  MPI_Finalize();
}

// Sends `size` to a partner and returns the size that the partner sends.
static inline int64_t mpi_exchange_sizes(int64_t size, int partner) {
  int64_t received = 0;
  MPI_Sendrecv(&size, 1, MPI_INT64_T, partner, 0, &received, 1, MPI_INT64_T, partner, 0,
               MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return received;
}

// The size of the next message when `rest` bytes are left: MPI counts in int.
static inline int mpi_message_size(int64_t rest) {
  return rest < 0 ? 0 : rest < 1 << 30 ? (int)rest : 1 << 30;
}

static inline void mpi_exchange(const void *sent, int64_t sent_size, void *received,
                                int64_t received_size, int partner) {
  for (int64_t done = 0; done < sent_size || done < received_size; done += 1 << 30)
    MPI_Sendrecv((const char *)sent + done, mpi_message_size(sent_size - done), MPI_BYTE, partner,
                 1, (char *)received + done, mpi_message_size(received_size - done), MPI_BYTE,
                 partner, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static inline int64_t mpi_max(int64_t number) {
  int64_t maximum = 0;
  MPI_Allreduce(&number, &maximum, 1, MPI_INT64_T, MPI_MAX, MPI_COMM_WORLD);
  return maximum;
}

// Sends the bytes of process 0 to all processes.
static inline void mpi_broadcast(void *bytes, int64_t size) {
  for (int64_t done = 0; done < size; done += 1 << 30)
    MPI_Bcast((char *)bytes + done, mpi_message_size(size - done), MPI_BYTE, 0, MPI_COMM_WORLD);
}
