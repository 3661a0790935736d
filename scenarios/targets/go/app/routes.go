package main

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const foreignKeyViolation = "23503"

type object map[string]any

// problem is an answer other than the one that was asked for.
type problem struct {
	status  int
	message string
}

func (p problem) Error() string { return p.message }

// endpoint answers with a JSON object and its status, or with an error.
type endpoint func(w http.ResponseWriter, r *http.Request, d *database) (int, any, error)

func routes(d *database) http.Handler {
	mux := http.NewServeMux()
	add := func(method, path string, answer endpoint) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != method {
				write(w, 0, nil, problem{http.StatusMethodNotAllowed, "expected " + method})
				return
			}
			status, body, err := answer(w, r, d)
			write(w, status, body, err)
		})
	}
	add(http.MethodGet, "/", query)
	add(http.MethodGet, "/no-db", noDatabase)
	add(http.MethodGet, "/echo", echo)
	add(http.MethodGet, "/city/", city)
	add(http.MethodPost, "/login", logIn)
	add(http.MethodPost, "/orders", order)
	return mux
}

func write(w http.ResponseWriter, status int, body any, err error) {
	if err != nil {
		refusal := problem{http.StatusInternalServerError, "internal error"}
		if !errors.As(err, &refusal) {
			log.Print(err)
		}
		status, body = refusal.status, object{"error": refusal.message}
	}
	text, err := json.Marshal(body)
	if err != nil {
		log.Print(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(text)
}

// query makes one small query.
func query(w http.ResponseWriter, r *http.Request, d *database) (int, any, error) {
	if r.URL.Path != "/" {
		return 0, nil, problem{http.StatusNotFound, "no such page"}
	}
	var id int64
	err := d.queryRow(r.Context(), "SELECT id FROM catalog_category ORDER BY id DESC LIMIT 1", nil, &id)
	return http.StatusOK, object{"last_id": id}, err
}

// noDatabase shows what query costs without its database: an answer of the same length.
func noDatabase(http.ResponseWriter, *http.Request, *database) (int, any, error) {
	return http.StatusOK, object{"last_id": nil}, nil
}

// echo answers with the client's nonce by way of PostgreSQL: an answer from a connection that two
// requests share carries another client's.
func echo(w http.ResponseWriter, r *http.Request, d *database) (int, any, error) {
	var nonce string
	err := d.queryRow(r.Context(), "SELECT $1::text", []any{r.URL.Query().Get("nonce")}, &nonce)
	return http.StatusOK, object{"nonce": nonce}, err
}

// city reads one row by its primary key.
func city(w http.ResponseWriter, r *http.Request, d *database) (int, any, error) {
	noCity := problem{http.StatusNotFound, "no such city"}
	wanted, err := strconv.ParseInt(strings.TrimPrefix(r.URL.Path, "/city/"), 10, 64)
	if err != nil {
		return 0, nil, noCity
	}
	var found struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}
	err = d.queryRow(r.Context(), "SELECT id, name FROM catalog_city WHERE id = $1", []any{wanted},
		&found.ID, &found.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		err = noCity
	}
	return http.StatusOK, found, err
}

func logIn(w http.ResponseWriter, r *http.Request, d *database) (int, any, error) {
	var sent struct{ User, Password *string }
	if json.NewDecoder(r.Body).Decode(&sent) != nil || sent.User == nil || sent.Password == nil {
		return 0, nil, problem{http.StatusBadRequest, `expected {"user": TEXT, "password": TEXT}`}
	}
	var stored string
	err := d.queryRow(r.Context(), "SELECT password FROM auth_user WHERE username = $1",
		[]any{*sent.User}, &stored)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, nil, err
	}
	if err != nil || !isPassword(*sent.Password, stored) {
		return 0, nil, problem{http.StatusUnauthorized, "wrong user or password"}
	}
	token := tokenFor(*sent.User)
	http.SetCookie(w, &http.Cookie{Name: accessCookie, Value: token, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return http.StatusOK, object{"access": token}, nil
}

// order inserts a row, for who has logged in.
func order(w http.ResponseWriter, r *http.Request, d *database) (int, any, error) {
	if !hasLoggedIn(r) {
		return 0, nil, problem{http.StatusUnauthorized, "log in first"}
	}
	var sent struct {
		City *int64
		Note *string
	}
	if json.NewDecoder(r.Body).Decode(&sent) != nil || sent.City == nil || sent.Note == nil {
		return 0, nil, problem{http.StatusBadRequest, `expected {"city": NUMBER, "note": TEXT}`}
	}
	var placed struct {
		ID   int64  `json:"id"`
		Note string `json:"note"`
	}
	err := d.queryRow(r.Context(),
		"INSERT INTO catalog_order (city_id, note) VALUES ($1, $2) RETURNING id, note",
		[]any{*sent.City, *sent.Note}, &placed.ID, &placed.Note)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == foreignKeyViolation {
		err = problem{http.StatusBadRequest, "no such city"}
	}
	return http.StatusCreated, placed, err
}
