// Joined to the source of tfjs-node's addon when it is built for this machine.
//
// Loading libtensorflow touches 250 MB of its file once: names and relocations for the linker, code and tables for 4500 static
// initializers. Hardly any of it is needed again, but it stays resident, in every process. Once all is loaded, the pages that
// nobody can have written are given back; the kernel maps those that are needed again out of its page cache.
#ifdef __linux__
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace {

int ReleasePages(dl_phdr_info* library, size_t, void*) {
  if (library->dlpi_name == nullptr || std::strstr(library->dlpi_name, "libtensorflow") == nullptr) return 0;
  const std::uintptr_t page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < library->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = library->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t start = library->dlpi_addr + segment.p_vaddr;
    const std::uintptr_t first = (start + page - 1) & ~(page - 1);
    const std::uintptr_t end = (start + segment.p_memsz) & ~(page - 1);
    if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
  }
  return 0;
}

// The addon's constructors run after those of the libraries that it needs.
__attribute__((constructor)) void ReleaseLibtensorflowPages() { dl_iterate_phdr(ReleasePages, nullptr); }

}  // namespace
#endif
