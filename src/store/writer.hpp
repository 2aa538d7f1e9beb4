// The one thread that writes to the database, and the connection that it does so with.
//
// Whoever keeps something shares the writer: it prepares statements on `database` and posts jobs, each of
// which is a transaction of its own or part of one. A job that would take long does a piece and posts the
// rest, so that nobody else waits for it. Room: store, private.
#pragma once

#include "database.hpp"
#include "worker.hpp"

#include <utility>

namespace gatehouse::store {

struct Writer {
    explicit Writer(Database opened) : database(std::move(opened)) {}

    Database database;  // on the worker; also before anything has been posted to it
    Worker worker{"store"};
};

}  // namespace gatehouse::store
