package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// database makes queries by way of a pool, or of a new session each while pool is nil.
type database struct {
	pool   *pgxpool.Pool
	config *pgx.ConnConfig
}

// openDatabase reads the target's parameters; where the database is, pgx reads from libpq's variables.
func openDatabase(ctx context.Context) (*database, error) {
	if os.Getenv("POOLBENCH_POOL") == "false" {
		config, err := pgx.ParseConfig("")
		return &database{config: config}, err
	}
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, err
	}
	size, err := strconv.ParseInt(os.Getenv("POOLBENCH_POOL_SIZE"), 10, 32)
	if err != nil {
		return nil, fmt.Errorf("POOLBENCH_POOL_SIZE: %w", err)
	}
	config.MaxConns = int32(size)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	return &database{pool: pool}, err
}

// queryRow makes a query and reads its only row into the places.
func (d *database) queryRow(ctx context.Context, sql string, values []any, places ...any) error {
	if d.pool != nil {
		return d.pool.QueryRow(ctx, sql, values...).Scan(places...)
	}
	session, err := pgx.ConnectConfig(ctx, d.config)
	if err != nil {
		return err
	}
	defer session.Close(context.Background())
	return session.QueryRow(ctx, sql, values...).Scan(places...)
}

func (d *database) close() {
	if d.pool != nil {
		d.pool.Close()
	}
}
