// Any bytes as the file of labels: what is read is written the same way again.
#include "check.hpp"

#include "gatehouse/pipeline/evidence_book.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    gatehouse::pipeline::EvidenceBook book;
    if (!book.read(as_text(data, size))) {
        check(book.lines().empty());
        return 0;
    }
    gatehouse::pipeline::EvidenceBook again;
    check(again.read(book.written()));
    check(again.written() == book.written());
    return 0;
}
