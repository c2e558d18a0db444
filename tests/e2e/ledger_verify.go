// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// ledger_verify.go - a ledger, a proof and a consistency proof by the Go project's own code for
// transparency logs: ledger_verify LINES CHECKPOINT VKEY PROOF CONSISTENCY.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error, what string) {
	if err != nil {
		fmt.Println(what+":", err)
		os.Exit(1)
	}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	must(err, path)
	return data
}

// checkpoint is the size and the root of a note that is signed by the key.
func checkpoint(text []byte, v note.Verifier) (int64, tlog.Hash) {
	n, err := note.Open(text, note.VerifierList(v))
	must(err, "note")
	lines := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "size")
	return size, hash(lines[2])
}

func hash(text string) (h tlog.Hash) {
	data, err := base64.StdEncoding.DecodeString(text)
	must(err, "hash")
	copy(h[:], data)
	return h
}

type store []tlog.Hash

func (s store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, s[i])
	}
	return out, nil
}

// proof is the head's lines, the hashes and the note of a proof's text.
func proof(text []byte, head int) ([]string, []tlog.Hash, []byte) {
	body, rest, _ := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(body), "\n")
	var hashes []tlog.Hash
	for _, line := range lines[head:] {
		hashes = append(hashes, hash(line))
	}
	return lines, hashes, rest
}

func main() {
	v, err := note.NewVerifier(strings.Split(string(read(os.Args[3])), "\n")[0])
	must(err, "key")
	size, root := checkpoint(read(os.Args[2]), v)
	var hashes store
	records := bytes.Split(bytes.TrimSuffix(read(os.Args[1]), []byte("\n")), []byte("\n"))
	for i, record := range records {
		more, err := tlog.StoredHashes(int64(i), record, hashes)
		must(err, "record")
		hashes = append(hashes, more...)
	}
	if int64(len(records)) != size {
		must(fmt.Errorf("%d records, signed are %d", len(records), size), "size")
	}
	got, err := tlog.TreeHash(size, hashes)
	must(err, "tree")
	if got != root {
		must(fmt.Errorf("%v is not the signed %v", got, root), "root")
	}
	text := read(os.Args[4])
	line, text, _ := bytes.Cut(text, []byte("\n"))
	head, path, signed := proof(text, 2)
	index, err := strconv.ParseInt(strings.TrimPrefix(head[1], "index "), 10, 64)
	must(err, "index")
	size, root = checkpoint(signed, v)
	must(tlog.CheckRecord(path, size, root, index, tlog.RecordHash(line)), "proof")
	head, path, signed = proof(read(os.Args[5]), 3)
	old, err := strconv.ParseInt(strings.TrimPrefix(head[1], "from "), 10, 64)
	must(err, "from")
	size, root = checkpoint(signed, v)
	must(tlog.CheckTree(path, size, root, old, hash(head[2])), "consistency")
	fmt.Println("ok", size)
}
