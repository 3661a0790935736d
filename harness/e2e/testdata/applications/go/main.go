package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

func main() {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/city/", func(w http.ResponseWriter, r *http.Request) {
		var id int
		var name string
		row := pool.QueryRow(r.Context(), "select id, name from city where id = $1", strings.TrimPrefix(r.URL.Path, "/city/"))
		if err := row.Scan(&id, &name); err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"id": id, "name": name})
	})
	http.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		var given struct{ User, Password string }
		if json.NewDecoder(r.Body).Decode(&given) != nil || given.Password != "bench" {
			http.Error(w, "no", 403)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"access": "token"})
	})
	http.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
		var given struct {
			City int
			Note string
		}
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") || json.NewDecoder(r.Body).Decode(&given) != nil {
			http.Error(w, "no", 401)
			return
		}
		if _, err := pool.Exec(r.Context(), "insert into orders (city, note) values ($1, $2)", given.City, given.Note); err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		w.WriteHeader(201)
		json.NewEncoder(w).Encode(map[string]any{"note": given.Note})
	})
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
