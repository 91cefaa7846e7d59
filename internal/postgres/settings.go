package postgres

import "maps"

// settings are the server's, for a city's history on a machine that it shares
// with the rest of the program. A commit is on the disk when it returns
// (synchronous_commit and fsync stay on).
func settings(more map[string]string) map[string]string {
	s := map[string]string{
		"listen_addresses":             "",
		"unix_socket_permissions":      "0700",
		"max_connections":              "60",
		"shared_buffers":               "256MB",
		"work_mem":                     "16MB",
		"maintenance_work_mem":         "128MB",
		"effective_cache_size":         "1GB",
		"random_page_cost":             "1.1",
		"synchronous_commit":           "on",
		"wal_compression":              "on",
		"wal_buffers":                  "16MB",
		"min_wal_size":                 "256MB",
		"max_wal_size":                 "4GB",
		"checkpoint_timeout":           "15min",
		"checkpoint_completion_target": "0.9",
		"max_parallel_workers":         "2",
		// Few short statements with many rows: compiling them costs more than it saves.
		"jit":                  "off",
		"timezone":             "UTC",
		"log_timezone":         "UTC",
		"logging_collector":    "off",
		"log_destination":      "stderr",
		"log_line_prefix":      "",
		"log_min_messages":     "warning",
		"log_checkpoints":      "off",
		"cluster_name":         "onecity",
		"update_process_title": "off",
	}
	maps.Copy(s, more)
	return s
}
