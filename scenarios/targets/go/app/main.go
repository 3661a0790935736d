// A server with the endpoints of the Django target, by net/http and pgx.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: server HOST:PORT, or server --versions")
	}
	if os.Args[1] == "--versions" {
		printVersions()
		return
	}
	database, err := openDatabase(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: os.Args[1], Handler: named(routes(database))}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT)
		<-asked
		patience, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		server.Shutdown(patience)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-stopped
	database.close()
}

// named adds the header that names the process, the only worker there is.
func named(next http.Handler) http.Handler {
	pid := strconv.Itoa(os.Getpid())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Poolbench-Worker", pid)
		next.ServeHTTP(w, r)
	})
}
