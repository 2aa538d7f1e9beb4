// Any bytes behind a right checksum are an index that can be searched, written and read again, or a problem.
#include "check.hpp"
#include "support/sealed_file.hpp"

#include "gatehouse/vector/index.hpp"

#include <algorithm>
#include <vector>

using namespace gatehouse;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = as_text(data, size);
    const vector::ModelIdentity model{"made", "1", 8};
    check(!vector::read_index(bytes, model, {}) || bytes.size() > 40);
    auto index = vector::read_index(test::sealed_file("GHINDEX1", bytes), model, {});
    if (!index) {
        return 0;
    }
    const auto again = vector::read_index(index->written(), model, {});
    check(again && again->size() == index->size());
    const std::vector<float> wanted{1, -2, 3, -4, 5, -6, 7, -8};
    vector::Partition first{};
    if (bytes.size() > 50) {
        std::copy_n(bytes.begin() + 18, first.size(), first.begin());
    }
    const auto matches = index->nearest(first, wanted, 3, -2);
    check(matches.size() <= 3 && matches.size() <= index->size());
    for (const auto id : index->ids()) {
        check(index->erase(id));
    }
    check(index->size() == 0 && index->nearest(first, wanted, 3, -2).empty());
    return 0;
}
